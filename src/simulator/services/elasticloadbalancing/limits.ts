/** What the account may have of everything, and the TLS policies on offer: read-only. */
import type {
  DescribeAccountLimitsInput,
  DescribeAccountLimitsOutput,
  DescribeSSLPoliciesInput,
  DescribeSSLPoliciesOutput,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { ApiError, type Call } from '../../service.ts';
import { pageOf } from './state.ts';

/** F-304. */
const limits: Readonly<Record<string, string>> = {
  'application-load-balancers': '50',
  'listeners-per-application-load-balancer': '50',
  'listeners-per-network-load-balancer': '50',
  'network-load-balancers': '50',
  'target-groups': '3000',
  'target-groups-per-action-on-network-load-balancer': '1',
  'targets-per-availability-zone-per-network-load-balancer': '500',
  'targets-per-network-load-balancer': '3000',
};

function describeAccountLimits(input: DescribeAccountLimitsInput, call: Call): DescribeAccountLimitsOutput {
  const page = pageOf(call, Object.entries(limits), input);
  return { Limits: page.items.map(([Name, Max]) => ({ Name, Max })), NextMarker: page.nextToken };
}

const policies = [
  { Name: 'ELBSecurityPolicy-TLS13-1-2-2021-06', SslProtocols: ['TLSv1.2', 'TLSv1.3'] },
  { Name: 'ELBSecurityPolicy-TLS13-1-3-2021-06', SslProtocols: ['TLSv1.3'] },
  { Name: 'ELBSecurityPolicy-2016-08', SslProtocols: ['TLSv1', 'TLSv1.1', 'TLSv1.2'] },
];

function describeSslPolicies(input: DescribeSSLPoliciesInput, call: Call): DescribeSSLPoliciesOutput {
  const { Names: names = [], LoadBalancerType: type } = input;
  const missing = names.find((name) => !policies.some((policy) => policy.Name === name));
  if (missing) throw new ApiError('SSLPolicyNotFoundException', `SSL policy '${missing}' not found`);
  const wanted = policies.filter(({ Name }) => names.length === 0 || names.includes(Name));
  const page = pageOf(call, type === 'gateway' ? [] : wanted, input);
  const SupportedLoadBalancerTypes = ['application', 'network'];
  return {
    SslPolicies: page.items.map((policy) => ({ ...policy, SupportedLoadBalancerTypes })),
    NextMarker: page.nextToken,
  };
}

export const limitOperations = {
  DescribeAccountLimits: describeAccountLimits,
  DescribeSSLPolicies: describeSslPolicies,
};
