import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  addressDemand,
  type Cidr,
  cidrSize,
  contains,
  defaultSubnets,
  formatCidr,
  hasHostBits,
  networkOf,
  overlaps,
  parseCidr,
  smallestPrefix,
  usableAddresses,
  workgroupAddresses,
} from '../../src/model/addresses.ts';

const cidr = (text: string): Cidr => parseCidr(text) as Cidr;
const anyBlock = fc
  .record({ first: fc.integer({ min: 0, max: 2 ** 32 - 1 }), prefix: fc.integer({ min: 0, max: 32 }) })
  .map(networkOf);

describe('address blocks', () => {
  it('are read and written without loss', () => {
    fc.assert(
      fc.property(anyBlock, (block) => {
        expect(parseCidr(formatCidr(block))).toEqual(block);
      }),
    );
  });

  it.each([
    '10.0.0.0',
    '10.0.0.0/33',
    '256.0.0.0/8',
    '10.0.0/16',
    '10.0.00.0/16',
    '010.0.0.0/8',
    ' 10.0.0.0/8',
    '::/0',
  ])('%s is none', (text) => expect(parseCidr(text)).toBeUndefined());

  it('with host bits are seen, and mended', () => {
    expect(hasHostBits(cidr('10.0.1.0/23'))).toBe(true);
    expect(formatCidr(networkOf(cidr('10.0.1.0/23')))).toBe('10.0.0.0/23');
    expect(hasHostBits(cidr('255.255.255.255/32'))).toBe(false);
  });

  it('overlap exactly when they have an address in common', () => {
    const small = fc
      .record({ first: fc.integer({ min: 0, max: 255 }), prefix: fc.integer({ min: 26, max: 32 }) })
      .map(networkOf);
    fc.assert(
      fc.property(small, small, (one, other) => {
        const common = one.first < other.first + cidrSize(other) && other.first < one.first + cidrSize(one);
        expect(overlaps(one, other)).toBe(common);
      }),
    );
  });

  it('contain what lies inside, up to their last address', () => {
    expect(contains(cidr('10.0.0.0/16'), cidr('10.0.255.255/32'))).toBe(true);
    expect(contains(cidr('10.0.0.0/16'), cidr('10.1.0.0/32'))).toBe(false);
    expect(contains(cidr('10.0.0.0/24'), cidr('10.0.0.0/16'))).toBe(false);
    expect(contains(cidr('0.0.0.0/0'), cidr('203.0.113.0/24'))).toBe(true);
  });

  it('for subnets are the first of the VPC, smaller where it is small', () => {
    expect(defaultSubnets(cidr('10.0.0.0/16'), 3).map(formatCidr)).toEqual([
      '10.0.0.0/23',
      '10.0.2.0/23',
      '10.0.4.0/23',
    ]);
    expect(defaultSubnets(cidr('172.31.8.0/24'), 2).map(formatCidr)).toEqual(['172.31.8.0/26', '172.31.8.64/26']);
  });
});

describe('the addresses that an environment needs', () => {
  it('are three a workgroup without enhanced VPC routing, at any size (F-812)', () => {
    expect([4, 128, 1024].map((base) => workgroupAddresses(base, false))).toEqual([3, 3, 3]);
  });

  it('grow with the base with enhanced VPC routing, sizes in between like the next larger (F-811)', () => {
    const sizes = [4, 8, 16, 24, 32, 40, 64, 128, 256, 512, 1024];
    expect(sizes.map((base) => workgroupAddresses(base, true))).toEqual([9, 9, 13, 13, 13, 21, 21, 37, 69, 133, 261]);
  });

  it('are those of all workgroups, endpoints and the load balancer together', () => {
    expect(addressDemand([32, 32, 32, 32], 3, true)).toEqual({
      workgroups: 52,
      endpoints: 3,
      loadBalancer: 8,
      total: 63,
    });
  });

  it('fit the smallest subnet that is named, and not one smaller', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 65_000 }), (needed) => {
        const prefix = smallestPrefix(needed) ?? 0;
        expect(usableAddresses({ first: 0, prefix })).toBeGreaterThanOrEqual(needed);
        if (prefix < 28) expect(usableAddresses({ first: 0, prefix: prefix + 1 })).toBeLessThan(needed);
      }),
    );
    expect(smallestPrefix(66_000)).toBeUndefined();
  });
});
