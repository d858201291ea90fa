import { describe, expect, test } from 'vitest';
import { diagnose } from '../../src/diagnose/diagnose.ts';
import { countVerdicts } from '../../src/diagnose/finding.ts';
import type { Observations } from '../../src/diagnose/observations.ts';
import { paintFor } from '../../src/report/colour.ts';
import { diagnosisText } from '../../src/report/diagnosis.ts';
import { healthy, read, unread } from './healthy.ts';
import { inStatus } from './table.ts';

function textOf(seen: Partial<Observations>, options: { columns?: number; passes?: boolean } = {}): string {
  const findings = diagnose({ ...healthy, ...seen });
  const titles = Object.fromEntries(healthy.examined.map(({ warehouse }) => [warehouse.short, warehouse.name]));
  const view = { environment: 'airline-dev', region: 'us-east-1', findings, counts: countVerdicts(findings), titles };
  return diagnosisText(view, { paint: paintFor(0), columns: 80, passes: false, ...options });
}

const section = (text: string, title: string) =>
  text.split('\n\n').find((part) => part.startsWith(title)) ?? `no section ${title}`;

describe('the text of a diagnosis', () => {
  test('counts what passed, by warehouse', () => {
    const text = textOf({});
    expect(section(text, 'consumer-2')).toBe('consumer-2  airline-dev-consumer-2\n  ✓ ok       11 checks');
    expect(text.split('\n').at(-1)).toMatch(/^no fault found, \d+ ok$/);
  });

  test('names a fault with its cause and what to type, and counts the rest', () => {
    const text = textOf({ shares: read([{ name: 'airline_share', consumers: ['ns-consumer-1', 'ns-analytics'] }]) });
    expect(section(text, 'consumer-2')).toBe(
      [
        'consumer-2  airline-dev-consumer-2',
        '  ✖ fault    the grant of the datashare airline_share to ns-consumer-2 is not',
        '             there [grant]',
        '             no run of rsds has made it yet',
        '             → rsds up --env dev',
        '  ✓ ok       10 more checks',
      ].join('\n'),
    );
    expect(text.split('\n').at(-1)).toMatch(/^1 fault found, \d+ ok$/);
  });

  test('says once what one denied call leaves open', () => {
    const text = textOf({ workgroups: unread });
    expect(section(text, 'analytics')).toContain(
      [
        '  - unknown  not checked: AccessDenied on kms DescribeKey [workgroup,',
        '             usage-limit, direct-path]',
        '             → grant kms:DescribeKey',
      ].join('\n'),
    );
  });

  test('continues a long command as a shell takes it', () => {
    const lines = section(textOf(inStatus('MODIFYING', 34)), 'consumer-1').split('\n');
    const from = lines.findIndex((line) => line.includes('→ aws redshift-serverless delete-workgroup'));
    expect(lines[from]).toMatch(/ \\$/);
    const command = `${lines[from]?.slice(0, -1).trim()} ${lines[from + 1]?.trim()}`;
    expect(command).toBe(
      '→ aws redshift-serverless delete-workgroup --workgroup-name airline-dev-consumer-1 --region us-east-1',
    );
  });

  test.each([60, 80, 100])('fits into %i columns', (columns) => {
    const seen = { ...inStatus('MODIFYING', 34), shares: unread, listeners: read([]) };
    const long = textOf(seen, { columns, passes: true })
      .split('\n')
      .filter((line) => line.length > columns);
    // Addresses and ARNs can't be broken.
    expect(long.filter((line) => line.trim().includes(' '))).toEqual([]);
  });

  test('uses no more than 100 columns of a wide terminal', () => {
    const widest = Math.max(
      ...textOf(inStatus('MODIFYING', 34), { columns: 300 })
        .split('\n')
        .map(({ length }) => length),
    );
    expect(widest).toBeLessThanOrEqual(100);
  });
});
