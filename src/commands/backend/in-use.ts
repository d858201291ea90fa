/** Who still needs the bucket of `state` or the lock table. */
import type { Aws } from '../../aws/aws.ts';
import { type KnownLedger, parseAnyLedger } from '../../ledger/document.ts';
import { isAside } from '../../ledger/next-document.ts';
import { ownTagKeys } from '../../model/tags.ts';
import { RsdsError } from '../../shared/errors.ts';

/** What goes on only while an environment stands. Snapshots and keys outlive it and need neither lock nor ledger. */
const standingTypes = ['redshift-serverless:namespace', 'redshift-serverless:workgroup', 'ec2:vpc'];

/**
 * How many ledgers there are; all of them are of environments that are down. Throws `backend/in-use` with everything
 * that uses the bucket or the table, `backend/not-ours` for an object that is not a ledger.
 */
export async function mustBeUnused(
  aws: Aws,
  { bucket, table }: { readonly bucket: string | undefined; readonly table: string | undefined },
): Promise<number> {
  const ledgers = bucket === undefined ? [] : await ledgersIn(aws, bucket);
  const users = [
    ...ledgers.flatMap(({ key, known }) => inUse(key, known)),
    ...(table === undefined ? [] : await holdersIn(aws, table)),
    ...(table === undefined ? [] : await standing(aws)),
  ];
  if (users.length === 0) return ledgers.length;
  throw new RsdsError('backend/in-use', ['this is in use:', ...users.map((user) => `  ${user}`)].join('\n'), {
    hint: 'rsds down for each environment; AWS still lists for some minutes what was deleted just now',
  });
}

interface StoredLedger {
  readonly key: string;
  readonly known: KnownLedger;
}

async function ledgersIn({ s3 }: Aws, bucket: string): Promise<StoredLedger[]> {
  const keys = (await s3.listKeys(bucket, '')).filter((key) => !isAside(key));
  const ledgers: StoredLedger[] = [];
  for (const key of keys) {
    const known = parseAnyLedger((await s3.getText({ Bucket: bucket, Key: key }))?.text ?? '');
    if (known === undefined) {
      throw new RsdsError('backend/not-ours', `s3://${bucket}/${key} is not a ledger`, {
        hint: 'nothing was deleted; move it elsewhere if it is needed, or delete it',
      });
    }
    ledgers.push({ key, known });
  }
  return ledgers;
}

function inUse(key: string, { project, environment, standing: left }: KnownLedger): string[] {
  return left === 0 ? [] : [`${project}-${environment}: ${left} resources in the ledger ${key}`];
}

async function holdersIn({ dynamodb }: Aws, TableName: string): Promise<string[]> {
  const held = await dynamodb.scanAll({
    TableName,
    ConsistentRead: true,
    FilterExpression: 'attribute_exists(holder)',
  });
  return held.map(({ lock, holder }) => {
    const { user, host, operation } = holder?.M ?? {};
    return `${lock?.S}: held by ${user?.S} on ${host?.S} (${operation?.S})`;
  });
}

async function standing({ tagging }: Aws): Promise<string[]> {
  const found = await tagging.findKey(ownTagKeys.environment, standingTypes);
  const byEnvironment = new Map<string, string>();
  for (const { arn, tags } of found) {
    byEnvironment.set(`${tags[ownTagKeys.project]}-${tags[ownTagKeys.environment]}`, arn);
  }
  return [...byEnvironment].map(([environment, arn]) => `${environment}: ${arn} stands`);
}
