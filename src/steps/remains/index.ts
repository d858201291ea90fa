/**
 * What a test that was killed has left in an environment: `down` removes it with the rest, for it stands in the VPC and
 * its rules name the groups there. No other verb looks for it.
 */

import { goneIsFine } from '../../aws/paging.ts';
import type { Target } from '../../engine/plan.ts';
import type { Change, Resource } from '../../engine/resource.ts';
import { atOnce, change, type StepContext } from '../changes.ts';
import { testEndpoints, testGroups, testInstances } from './find.ts';
import { hasRole, removeRole } from './role.ts';

/** Some things of one kind: which there are, and which of them have been told to go. */
interface Some {
  readonly ids: readonly string[];
  readonly going: readonly string[];
}

/** `needs`: what must stay until all this has gone. */
export function testRemains(context: StepContext, needs: readonly Resource[]): Target[] {
  const { aws } = context;
  const groups = remains({
    kind: 'security-group',
    title: 'security groups of tests',
    needs,
    find: async () => some(await testGroups(context), ({ GroupId }) => GroupId),
    removal: ({ ids }) =>
      ids.map((id) => deletion(`security group ${id} of a test`, () => goneIsFine(aws.ec2.deleteSecurityGroup(id)))),
  });
  const endpoints = remains({
    kind: 'vpc-endpoint',
    title: 'endpoints of tests',
    needs: [groups],
    find: async () =>
      some(
        await testEndpoints(context),
        ({ VpcEndpointId }) => VpcEndpointId,
        ({ State }) => /^deleting$/i.test(State ?? ''),
      ),
    removal: ({ ids, going }) =>
      ids
        .filter((id) => !going.includes(id))
        .map((id) => deletion(`endpoint ${id} of a test`, () => goneIsFine(aws.ec2.deleteVpcEndpoint(id)))),
  });
  const role = remains({
    kind: 'role',
    title: 'role of test instances',
    needs: [],
    find: async () => ((await hasRole(context)) ? { ids: [context.desired.names.testRole], going: [] } : undefined),
    removal: ({ ids }) =>
      ids.map((id) => deletion(`role ${id} of test instances`, (io) => removeRole(context, io.permit))),
  });
  const instances = remains({
    kind: 'instance',
    title: 'test instances',
    needs: [groups, role],
    find: async () =>
      some(
        await testInstances(context),
        ({ InstanceId }) => InstanceId,
        ({ State }) => State?.Name === 'shutting-down',
      ),
    removal: ({ ids, going }) => {
      const left = ids.filter((id) => !going.includes(id));
      const terminate = () => goneIsFine(aws.ec2.terminateInstances(left));
      return left.length === 0 ? [] : [change('delete', `terminate test instances ${left.join(', ')}`, terminate)];
    },
  });
  return [groups, endpoints, role, instances].map((resource) => ({ resource, goal: 'absent' }));
}

const deletion = (what: string, apply: Change['apply']): Change => change('delete', `delete ${what}`, apply);

function some<T>(
  all: readonly T[],
  idOf: (one: T) => string | undefined,
  isGoing: (one: T) => boolean = () => false,
): Some | undefined {
  const ids = all.flatMap((one) => idOf(one) ?? []);
  return ids.length === 0 ? undefined : { ids, going: all.filter(isGoing).flatMap((one) => idOf(one) ?? []) };
}

function remains(what: {
  readonly kind: string;
  readonly title: string;
  readonly needs: readonly Resource[];
  find(): Promise<Some | undefined>;
  removal(seen: Some): readonly Change[];
}): Resource<Some> {
  const { kind, title, needs, find, removal } = what;
  return {
    id: `test/${kind}`,
    step: 'vpc',
    ...{ kind, title, needs },
    usualMs: 60_000,
    observe: () => find(),
    changes: () => [],
    removal,
    settled: atOnce,
  };
}
