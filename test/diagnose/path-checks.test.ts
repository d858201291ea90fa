/** What the checks say of the way through security groups. */
import { testConfig } from '../support/step-world.ts';
import { desired, healthy, withOne } from './healthy.ts';
import { rulesOf, testCases, up } from './table.ts';

testCases([
  {
    name: 'clients of a second block that no rule lets in',
    seen: {
      desired: {
        ...desired,
        config: {
          ...desired.config,
          network: { ...testConfig.network, clientCidrs: ['10.0.0.0/16', '172.16.0.0/24'] },
        },
      },
    },
    at: 'load balancer client-path',
    verdict: 'fail',
    what: /clients do not reach/,
    cause: /airline-dev-nlb lacks "in from 172.16.0.0\/24: 5439"/,
    remedy: up,
  },
  {
    name: 'a rule for another port lets nobody in',
    seen: rulesOf('producer', [{ direction: 'ingress', port: 5440, peer: { cidr: '10.0.0.0/16' } }]),
    at: 'producer direct-path',
    verdict: 'fail',
    what: /writers do not reach it/,
    cause: /airline-dev-producer lacks/,
  },
  {
    name: 'a rule for another protocol lets nobody in',
    seen: rulesOf('producer', [
      { direction: 'ingress', port: undefined, other: 'udp 1-65535', peer: { cidr: '10.0.0.0/16' } },
    ]),
    at: 'producer direct-path',
    verdict: 'fail',
    what: /writers do not reach it/,
  },
  {
    name: 'a rule for everything lets in',
    seen: rulesOf('producer', [{ direction: 'ingress', port: undefined, peer: { cidr: '10.0.0.0/8' } }]),
    at: 'producer direct-path',
    verdict: 'pass',
    what: /writers in 10.0.0.0\/16 reach it/,
  },
  {
    name: 'a rule that lets in only a part of the subnets of the load balancer',
    seen: rulesOf('endpoint', [{ direction: 'ingress', port: 5439, peer: { cidr: '10.0.0.0/23' } }]),
    at: 'consumer-1 endpoint-path',
    verdict: 'fail',
    what: /do not reach the endpoint/,
  },
  {
    name: 'an endpoint in another group than the load balancer may reach',
    seen: { endpoints: withOne(healthy.endpoints, 0, { groupIds: ['sg-default'] }) },
    at: 'consumer-1 endpoint-path',
    verdict: 'fail',
    what: /do not reach the endpoint/,
    cause: /airline-dev-nlb lacks "out to sg-default: 5439" and sg-default lacks/,
  },
]);
