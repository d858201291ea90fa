/** How long `up` takes against what AWS makes serial. On virtual time, so the same in every run. */
import { describe, expect, test } from 'vitest';
import { measureUp } from '../support/makespan.ts';

describe.each([
  { atOnce: 1, seed: 1 },
  { atOnce: 4, seed: 1 },
  { atOnce: 4, seed: 3 },
])('eight consumers, $atOnce workgroups at once (world $seed)', { timeout: 120_000 }, ({ atOnce, seed }) => {
  test('stand within 5 % of the least that AWS allows', async () => {
    const { bound, ratio, ran } = await measureUp({ consumers: 8, atOnce, seed });
    expect(bound.warehouses).toHaveLength(9);
    expect(ratio).toBeLessThanOrEqual(1.05);
    // Below it the bound would be none.
    expect(ratio).toBeGreaterThan(1);
    const startedAt = ran.requests[0]?.at ?? 0;
    const [first] = bound.warehouses;
    const readyMs = Math.max(bound.networkMs, first?.namespaceMs ?? 0);
    expect((first?.createdAt ?? 0) - startedAt, 'until the first workgroup').toBeLessThan(readyMs + 6_000);
  });
});

test('a consumer whose workgroup is there gets endpoint, database and login while the next workgroup is made', async () => {
  const { ran } = await measureUp({ consumers: 3, atOnce: 1, seed: 4 });
  const settledAt = (id: string) =>
    ran.events.find((event) => event.event === 'resource-settled' && event.resource.id === id)?.at ?? 0;
  const workgroups = ['consumer-1', 'consumer-2', 'consumer-3'].map((short) => settledAt(`${short}/workgroup`));
  const last = Math.max(...workgroups);
  for (const [index, at] of workgroups.entries()) {
    if (at < last) expect(settledAt(`consumer-${index + 1}/endpoint`), `endpoint ${index + 1}`).toBeLessThan(last);
  }
}, 60_000);
