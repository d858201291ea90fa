import { describe, expect, it } from 'vitest';
import { withConsumers } from '../../src/config/consumers.ts';
import { ConfigError } from '../../src/shared/errors.ts';
import { config, minimal } from './faults.ts';

const faultOf = async (more: string, count: number) => {
  const loaded = await config(minimal(more));
  try {
    return withConsumers(loaded, { count, without: [] });
  } catch (error) {
    return error instanceof ConfigError
      ? error.faults.map(({ code, message }) => `${code} ${message}`).join('\n')
      : error;
  }
};

describe('another number of consumers', () => {
  it('changes nothing else', async () => {
    const loaded = await config(minimal());
    const changed = withConsumers(loaded, { count: 5, without: [2] });
    expect(changed).toEqual({ ...loaded, consumers: { ...loaded.consumers, count: 5, without: [2] } });
  });

  it('obeys the same rules as the file: quota, addresses, names', async () => {
    expect(await faultOf('', 25)).toMatch(/^config\/quota consumers\.count is 25, must be at most 24/);
    const small = 'network: { subnetCidrs: [10.0.0.0/27, 10.0.0.32/27, 10.0.0.64/27] }\n';
    expect(await faultOf(small, 5)).toMatch(/config\/cidr .* must have 31: 18 for 6 warehouses/);
    expect(await faultOf('', -1)).toMatch(/config\/value .*-1, must be a whole number from 0/);
  });
});
