/** What the checks say of the network. */
import { testConfig } from '../support/step-world.ts';
import { desired, healthy, read, valueIn, without } from './healthy.ts';
import { first, testCases, up } from './table.ts';

testCases([
  {
    name: 'subnets in one zone only',
    seen: {
      network: read({
        ...valueIn(healthy.network)!,
        subnets: valueIn(healthy.network)!.subnets.slice(0, 1),
      }),
    },
    at: 'network network',
    verdict: 'fail',
    what: /1 subnets in 1 zones/,
    cause: /subnets in 2 zones/,
    remedy: up,
  },
  {
    name: 'a VPC of ours that is gone',
    seen: { network: read(undefined) },
    at: 'network network',
    verdict: 'fail',
    what: /airline-dev-vpc is not there/,
    remedy: up,
  },
  {
    name: 'an existing VPC that is gone',
    seen: {
      network: read(undefined),
      desired: { ...desired, config: { ...testConfig, network: { ...testConfig.network, vpc: { id: 'vpc-9' } } } },
    },
    at: 'network network',
    verdict: 'fail',
    what: /vpc-9 is not there/,
    remedy: /^aws ec2 describe-vpcs/,
  },
  {
    name: 'too few addresses for what is still to be made',
    seen: {
      workgroups: without(healthy.workgroups, first),
      endpoints: without(healthy.endpoints, 0),
      network: read({
        ...valueIn(healthy.network)!,
        subnets: valueIn(healthy.network)!.subnets.map((subnet) => ({ ...subnet, freeAddresses: 3 })),
      }),
    },
    at: 'network free-addresses',
    verdict: 'fail',
    what: /subnet-1 3.*4 are needed in each subnet/,
    remedy: /rsds up/,
  },
  {
    name: 'too few addresses for a change of capacity',
    seen: {
      network: read({
        ...valueIn(healthy.network)!,
        subnets: valueIn(healthy.network)!.subnets.map((subnet) => ({ ...subnet, freeAddresses: 2 })),
      }),
    },
    at: 'network free-addresses',
    verdict: 'warn',
    what: /subnet-2 2/,
    cause: /3 free addresses/,
  },
]);
