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
