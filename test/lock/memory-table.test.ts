/** The table in memory, with which interleavings are played, answers every write of the lock as DynamoDB does. */
import { expect, test } from 'vitest';
import { createAws } from '../../src/aws/aws.ts';
import { type Claim, type LockCalls, LockTable } from '../../src/lock/lock-table.ts';
import { seededRandom } from '../../src/shared/random.ts';
import { seed } from '../crash/sweep-cases.ts';
import { startTestSimulator } from '../support/simulator.ts';
import { MemoryTable } from './model/memory-table.ts';

const key = 'env#airline#dev';
const ids = ['ana', 'ben'];

type Write = (table: LockTable) => Promise<unknown>;

/** Any write of the lock, with few enough values that conditions hold about as often as not. */
function anyWrite(random: { next(): number }): Write {
  const below = (limit: number) => Math.floor(limit * random.next());
  const id = ids[below(2)] ?? '';
  const [version, seen] = [`v${below(3)}`, `v${below(3)}`];
  const holder = { id, user: id, host: 'h', pid: 1, operation: 'up', since: 5 };
  const claim: Claim = { key, holder, version, leaseMs: 60_000 };
  const fence = below(8) === 0 ? undefined : below(40);
  const beat = below(4);
  const writes: Write[] = [
    async (table) => table.takeFree(claim, random.next() < 0.5 ? fence : (await table.read(key))?.fence),
    (table) => table.takeOver(claim, seen),
    (table) => table.renew(key, id, version, beat),
    (table) => table.release(key, id),
    (table) => table.release(key, id, seen),
    (table) => table.keep(key, id, { digest: version }),
  ];
  return writes[below(writes.length)] ?? ((table) => table.read(key));
}

test(`three hundred writes from seed ${seed} have the same answers and leave the same record`, async () => {
  const { clock, clientConfig } = await startTestSimulator({ virtual: true });
  const aws = createAws({ ...clientConfig, clock, random: seededRandom(3), environment: {} });
  const real = new LockTable('rsds-locks', aws.dynamodb);
  await real.create({});
  while (!(await real.exists())) await clock.sleep(1_000);
  const table = new MemoryTable();
  const calls = {
    getItem: async (input) => ({ $metadata: {}, ...table.getItem(input) }),
    updateItem: async (input) => ({ $metadata: {}, ...table.updateItem(input) }),
  } satisfies Partial<LockCalls>;
  const model = new LockTable('rsds-locks', {
    ...calls,
    createTable: async () => {},
    describeTable: async () => undefined,
  });
  for (let n = 0; n < 300; n++) {
    const [one, other] = [anyWrite(seededRandom(seed + n)), anyWrite(seededRandom(seed + n))];
    expect(await other(model), `RSDS_SEED=${seed} repeats this, write ${n}`).toEqual(await one(real));
    expect(await model.read(key)).toEqual(await real.read(key));
  }
});
