import { stripVTControlCharacters } from 'node:util';
import { expect, it } from 'vitest';
import { paintFor } from '../../src/report/colour.ts';
import { type PlanView, planDocument, planText } from '../../src/report/plan.ts';

const view: PlanView = {
  environment: 'airline-dev',
  account: '123456789012',
  region: 'us-east-1',
  items: [
    { id: 'vpc/vpc', step: 'vpc', title: 'VPC airline-dev', action: 'create', changes: ['10.0.0.0/16'] },
    {
      id: 'producer/workgroup',
      step: 'producer',
      title: 'workgroup airline-dev-producer',
      action: 'update',
      changes: ['baseCapacity 32 → 64', 'maxCapacity 256 → 512'],
      why: 'rsds.yaml says so',
      interrupts: 'writers, for some seconds',
    },
    {
      id: 'consumer-3/database',
      step: 'datashare',
      title: 'database airline on consumer-3',
      action: 'sql',
      changes: ['create database airline from the datashare'],
    },
    {
      id: 'consumer-4/workgroup',
      step: 'consumers',
      title: 'workgroup airline-dev-consumer-4',
      action: 'delete',
      changes: [],
    },
  ],
  notices: ['tags were not checked'],
  estimateMs: 310_000,
  cost: 'SQL wakes 1 warehouse, about $0.20\nabout 41 $ a month when idle',
};

it('a plan says what, why, who is interrupted, what it costs and how long it takes', async () => {
  await expect(`${planText(view, paintFor(0))}\n`).toMatchFileSnapshot('../golden/plan.txt');
});

it('colour only adds to it', () => {
  const coloured = planText(view, paintFor(1));
  expect(coloured).not.toBe(planText(view, paintFor(0)));
  expect(stripVTControlCharacters(coloured)).toBe(planText(view, paintFor(0)));
});

it('an empty plan says that there is nothing to do', () => {
  const text = planText({ ...view, items: [], notices: [], estimateMs: undefined, cost: undefined }, paintFor(0));
  expect(text).toBe('airline-dev in us-east-1, account 123456789012\nnothing to do: everything is as described');
});

it('the document counts the changes and keeps every item', () => {
  expect(planDocument(view)).toMatchObject({
    environment: 'airline-dev',
    changes: 4,
    counts: { create: 1, update: 1, sql: 1, delete: 1 },
    items: view.items,
  });
});

it('a creation is one line: what its change repeats of action and title is left out', () => {
  const items = [
    { id: 'vpc/vpc', step: 'vpc', title: 'VPC a', action: 'create', changes: ['create VPC a 10.0.0.0/16'] },
    { id: 'vpc/table', step: 'vpc', title: 'table a', action: 'create', changes: ['create table a, no way out'] },
    { id: 'producer/key', step: 'vpc', title: 'key a', action: 'create', changes: ['create key a'] },
  ] as const;
  expect(
    planText({ ...view, items }, paintFor(0))
      .split('\n')
      .slice(3, 6),
  ).toEqual([
    '  + create     VPC a 10.0.0.0/16  vpc/vpc',
    '  + create     table a, no way out  vpc/table',
    '  + create     key a  producer/key',
  ]);
});

it('no line is wider than the terminal', () => {
  const why = 'AWS keeps network interfaces for some minutes after what they belonged to is gone';
  const long = { ...view, items: view.items.map((item) => ({ ...item, why })), notices: [why] };
  const widths = planText(long, paintFor(0), 60)
    .split('\n')
    .map((line) => line.length);
  expect(Math.max(...widths)).toBeLessThanOrEqual(60);
});
