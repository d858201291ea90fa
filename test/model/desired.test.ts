import { describe, expect, it } from 'vitest';
import { consumerNumbers, consumerWarehouse, desire } from '../../src/model/desired.ts';
import { config, minimal } from '../config/faults.ts';

describe('what an environment should consist of', () => {
  it('is a producer, the consumers and the workloads', async () => {
    const { producer, consumers, workloads } = desire(
      await config(minimal('workloads: { bi: { baseCapacity: 64 } }\n')),
    );
    expect([producer, ...consumers, ...workloads].map(({ role, short, name }) => `${role} ${short} ${name}`)).toEqual([
      'producer producer airline-dev-producer',
      'consumer consumer-1 airline-dev-consumer-1',
      'consumer consumer-2 airline-dev-consumer-2',
      'consumer consumer-3 airline-dev-consumer-3',
      'workload bi airline-dev-bi',
    ]);
    expect(workloads[0]).toMatchObject({ baseCapacity: 64, maxCapacity: 64, database: 'dev' });
  });

  it('leaves out the numbers of removed consumers', () => {
    expect(consumerNumbers({ count: 3, without: [2] })).toEqual([1, 3, 4]);
    expect(consumerNumbers({ count: 2, without: [1, 2, 9] })).toEqual([3, 4]);
    expect(consumerNumbers({ count: 0, without: [] })).toEqual([]);
  });

  it('can be asked about a consumer that is to go', async () => {
    const leaving = consumerWarehouse(await config(minimal()), 9);
    expect(leaving).toMatchObject({ number: 9, name: 'airline-dev-consumer-9', baseCapacity: 32, maxCapacity: 64 });
    expect(leaving.parameters).toEqual({ max_query_execution_time: '3600' });
  });
});
