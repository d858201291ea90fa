/** `rsds test --from instances`: the shipped program makes instances in the simulated VPC, tests from them, removes them. */
import { beforeAll, describe, expect, test } from 'vitest';
import { ensureBuilt, finished, type Sandbox } from '../support/program.ts';
import { pythonIsThere } from '../support/python.ts';
import { openRound } from './kill-rounds.ts';

beforeAll(() => ensureBuilt(), 120_000);

interface TestDocument {
  readonly from: string;
  readonly findings: readonly { readonly verdict: string; readonly check: string; readonly what: string }[];
  readonly balance: { readonly shares: readonly { readonly short: string; readonly count: number }[] } | null;
  readonly load?: { readonly queries: number; readonly errors: readonly unknown[] };
}

const typed = ['test', '--sim', '--yes', '--from', 'instances', '--count', '2'];

/** Instances, endpoints and groups that were made for a test. */
async function remains(box: Sandbox): Promise<readonly string[]> {
  const { requests } = await box.ask<{ requests: { operation: string; status: number }[] }>('sim', 'log');
  const count = (operation: RegExp) =>
    requests.filter((one) => one.status === 200 && operation.test(one.operation)).length;
  return count(/^RunInstances$/) > 0 && count(/^TerminateInstances$/) === 0 ? ['instances'] : [];
}

describe.skipIf(!pythonIsThere())('from instances in the VPC', () => {
  test('every consumer answers, connections are spread and a load goes through; nothing is left', {
    timeout: 240_000,
  }, async () => {
    const box = await openRound();
    try {
      const up = await box.run('up', '--sim', '--yes');
      expect(up.exit, up.stderr).toBe(0);
      const all = await box.run(...typed, '--json');
      expect(all.exit, all.stderr + all.stdout).toBe(0);
      const document = JSON.parse(all.stdout) as TestDocument;
      expect(document.from).toMatch(/^i-[0-9a-f]+, i-[0-9a-f]+$/);
      expect(document.findings.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
      expect(document.balance?.shares.every(({ count }) => count > 0)).toBe(true);
      const load = await box.run(...typed, 'load', '--connections', '6', '--seconds', '3', '--json');
      expect(load.exit, load.stderr).toBe(0);
      expect((JSON.parse(load.stdout) as TestDocument).load).toMatchObject({ errors: [] });
      expect(await remains(box)).toEqual([]);
    } finally {
      await box.remove();
    }
  });

  test('interrupted, it removes what it has made before it ends', { timeout: 240_000 }, async () => {
    const box = await openRound();
    try {
      const up = await box.run('up', '--sim', '--yes');
      expect(up.exit, up.stderr).toBe(0);
      const child = box.start(...typed);
      const ended = finished(child);
      await new Promise<void>((made) => {
        child.stderr?.on('data', (text: string) => {
          if (String(text).includes('to register with Systems Manager')) made();
        });
      });
      child.kill('SIGINT');
      const { exit, stderr } = await ended;
      expect([exit, stderr]).toEqual([130, expect.stringContaining('removing what was made for the test')]);
      expect(await remains(box)).toEqual([]);
    } finally {
      await box.remove();
    }
  });
});
