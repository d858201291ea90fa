/** What the environment stands on elsewhere in the account: keys, shares, secret, lock tables, quotas. Reads only. */
import type { DataShare } from '@aws-sdk/client-redshift';
import type { Aws } from '../../aws/aws.ts';
import { orAbsent } from '../../aws/paging.ts';
import { type Tags, tagRecord } from '../../aws/tags.ts';
import type { Desired } from '../../model/desired.ts';
import type {
  KeyView,
  NamespaceView,
  NetworkView,
  Observations,
  QuotaView,
  SecretView,
  ShareView,
} from '../observations.ts';
import { mapped, onward, type Reading, read } from '../reading.ts';

/** The configured key, and every other one that a namespace of ours is encrypted with. */
export async function observeKeys(
  { kms }: Aws,
  { names, config }: Desired,
  own: readonly NamespaceView[],
): Promise<Observations['keys']> {
  const keyOf = async (id: string): Promise<KeyView | undefined> => {
    const found = await kms.describeKey(id);
    return found && { arn: found.Arn ?? '', state: found.KeyState ?? '', deletionAt: found.DeletionDate?.getTime() };
  };
  const configured = config.kmsKey === 'create' ? names.keyAlias : config.kmsKey;
  const first = configured === 'aws-owned' ? [] : [{ name: configured, key: await read(() => keyOf(configured)) }];
  const known = first.flatMap(({ key }) => ('value' in key && key.value ? [key.value.arn] : []));
  const others = new Set(own.flatMap(({ kmsKeyId }) => kmsKeyId ?? []));
  const unknown = [...others].filter((id) => !known.some((arn) => arn === id || arn.endsWith(`/${id}`)));
  // An alias that could not be read leaves the key itself to be asked for, which other permissions may allow.
  const rest = unknown.map(async (id) => ({ name: id, key: await read(() => keyOf(id)) }));
  return [...first, ...(await Promise.all(rest))];
}

export async function observeShares(
  { shares }: Aws,
  producer: Reading<NamespaceView | undefined>,
): Promise<Reading<readonly ShareView[]>> {
  return onward(producer, async (namespace) =>
    namespace ? (await shares.forProducer(namespace.arn)).flatMap((share) => shareView(share, namespace.id)) : [],
  );
}

/** Only the producer's own: it may use shares of others as well. */
function shareView({ DataShareArn = '', DataShareAssociations }: DataShare, producerId: string): ShareView[] {
  const [owner = '', name = ''] = (DataShareArn.split(':').at(-1) ?? '').split('/');
  if (owner !== producerId) return [];
  const usable = (DataShareAssociations ?? []).filter(
    ({ Status }) => Status !== 'DEAUTHORIZED' && Status !== 'REJECTED',
  );
  // A namespace is named by its id or by its ARN, which ends in it.
  const consumers = usable.flatMap(({ ConsumerIdentifier = '' }) => ConsumerIdentifier.split(/[/:]/).at(-1) ?? []);
  return [{ name, consumers }];
}

export async function observeSecret(
  { secrets }: Aws,
  { names }: Desired,
): Promise<Reading<(SecretView & { readonly tags: Tags }) | undefined>> {
  const found = await read(() => secrets.describeSecret(names.readerSecret));
  return mapped(found, (secret) =>
    secret === undefined ? undefined : { deletedAt: secret.DeletedDate?.getTime(), tags: tagRecord(secret.Tags) },
  );
}

/** The tag with which rsds makes lock tables tells of those that other configurations name. */
export async function observeLockTables({ tagging }: Aws, { config }: Desired): Promise<Reading<readonly string[]>> {
  const found = await read(() => tagging.find({ 'rsds:shared': 'lock' }, ['dynamodb:table']));
  return mapped(found, (tables) =>
    tables.map(({ arn }) => arn.split('/').at(-1) ?? '').filter((name) => name !== config.lock.table),
  );
}

export interface QuotaQuestion {
  readonly workgroups: Reading<readonly unknown[]>;
  readonly namespaces: Reading<readonly unknown[]>;
  readonly network: Reading<NetworkView | undefined>;
}

export async function observeQuotas(aws: Aws, question: QuotaQuestion): Promise<QuotaView[]> {
  const { workgroups, namespaces, network } = question;
  const [warehouseLimit, vpcLimit, endpoints] = await Promise.all([
    limitsOf(aws, 'redshift-serverless'),
    limitsOf(aws, 'vpc'),
    onward(network, async (found) => found && countEndpoints(aws, found.vpcId)),
  ]);
  const count = (list: Reading<readonly unknown[]>) => mapped(list, ({ length }) => length);
  // AWS publishes no codes for these: the name is all there is (F-572).
  const named = (what: string) =>
    warehouseLimit(({ name }) => new RegExp(`^(number of )?${what}\\b`, 'i').test(name), 25);
  return [
    { what: 'namespaces', used: count(namespaces), ...named('namespaces') },
    { what: 'workgroups', used: count(workgroups), ...named('workgroups') },
    ...inNetwork(
      endpoints,
      vpcLimit(({ code }) => code === 'L-29B6F2EB', 50),
    ),
  ];
}

/** Workgroups and managed endpoints take one each (F-250). */
function inNetwork(used: Reading<number | undefined>, limit: Limit): QuotaView[] {
  const what = 'interface endpoints of the VPC';
  if ('unread' in used) return [{ what, used, ...limit }];
  return used.value === undefined ? [] : [{ what, used: { value: used.value }, ...limit }];
}

async function countEndpoints({ ec2 }: Aws, vpcId: string): Promise<number> {
  const all = await ec2.describeVpcEndpoints({ 'vpc-id': [vpcId] });
  return all.filter(({ VpcEndpointType }) => VpcEndpointType === 'Interface').length;
}

type Limit = Pick<QuotaView, 'limit' | 'assumed'>;

interface Quota {
  readonly code: string;
  readonly name: string;
  readonly value: number | undefined;
}

/** The applied value, else AWS's default, else what is known of the default (F-653). */
async function limitsOf({ quotas }: Aws, service: string) {
  const [applied, defaults] = await Promise.all([
    read(() => orAbsent(quotas.applied(service))),
    read(() => orAbsent(quotas.defaults(service))),
  ]);
  const all: Quota[] = [applied, defaults]
    .flatMap((list) => ('value' in list ? (list.value ?? []) : []))
    .map(({ QuotaCode = '', QuotaName = '', Value }) => ({ code: QuotaCode, name: QuotaName, value: Value }));
  return (which: (quota: Quota) => boolean, fallback: number): Limit => {
    const value = all.find(which)?.value;
    return { limit: value ?? fallback, assumed: value === undefined };
  };
}
