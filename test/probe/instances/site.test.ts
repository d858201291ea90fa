import { expect, test } from 'vitest';
import { hasWayOut } from '../../../src/probe/instances/site.ts';

const main = [{ Main: true }];
const route = (more: object) => [{ DestinationCidrBlock: '10.0.0.0/16', GatewayId: 'local' }, more];
const everywhere = { DestinationCidrBlock: '0.0.0.0/0', State: 'active' as const };

test.each([
  ['no route but its own', [], false],
  ['a NAT gateway', route({ ...everywhere, NatGatewayId: 'nat-1' }), true],
  ['a transit gateway', route({ ...everywhere, TransitGatewayId: 'tgw-1' }), true],
  ['an internet gateway, which takes public addresses only', route({ ...everywhere, GatewayId: 'igw-1' }), false],
  ['a NAT gateway that is gone', route({ ...everywhere, NatGatewayId: 'nat-1', State: 'blackhole' as const }), false],
])('a subnet with %s', (_what, Routes, leads) => {
  expect(hasWayOut([{ Associations: main, Routes }], 'subnet-1')).toBe(leads);
});

test('a table of its own counts more than the VPC’s main one', () => {
  const out = { Associations: main, Routes: route({ ...everywhere, NatGatewayId: 'nat-1' }) };
  const own = { Associations: [{ SubnetId: 'subnet-1' }], Routes: [] };
  expect(hasWayOut([out, own], 'subnet-1')).toBe(false);
  expect(hasWayOut([out, own], 'subnet-2')).toBe(true);
});
