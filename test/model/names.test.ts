import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesFor } from '../../src/model/names.ts';

const of = (project: string, environment = 'dev', region = 'us-east-1') => namesFor({ project, environment, region });

/** What a project, an environment or a workload may be called. */
const word = (max: number) => fc.stringMatching(new RegExp(`^[a-z][a-z0-9-]{0,${max - 1}}$`));
const awkward = fc.constantFrom('internal', 'sg', 'a--b', 'a-', 'internal-', 'sg-', 'x---', 'rsds-internal');
const place = fc.record({
  project: fc.oneof(word(48), awkward),
  environment: fc.oneof(word(12), awkward),
  region: fc.constantFrom('us-east-1', 'ap-southeast-2', 'us-gov-west-1'),
});
const short = fc.oneof(
  fc.integer({ min: 1, max: 500 }).map((number) => `consumer-${number}`),
  word(40),
  awkward,
);

const hyphenated = /^[a-z](?:[a-z0-9]|-(?=[a-z0-9]))*$/;

describe('names', () => {
  it('are made from project, environment and what they name', () => {
    const names = of('airline');
    expect(names.warehouse('consumer-2')).toBe('airline-dev-consumer-2');
    expect(names.endpoint('consumer-2')).toBe('airline-dev-consumer-2');
    expect([names.loadBalancer, names.targetGroup]).toEqual(['airline-dev-nlb', 'airline-dev-targets']);
    expect([names.subnet(0), names.vpc, names.keyAlias]).toEqual([
      'airline-dev-subnet-1',
      'airline-dev-vpc',
      'alias/airline-dev',
    ]);
    expect(names.finalSnapshot('0b1c')).toBe('airline-dev-final-0b1c');
  });

  it('that are too long for an endpoint keep their end and get a hash', () => {
    expect(of('airline-analytics', 'production').endpoint('consumer-12')).toMatch(
      /^airline-ana-consumer-12-[0-9a-f]{6}$/,
    );
  });

  it('of endpoints are valid for AWS, whatever they are made from (F-800)', () => {
    fc.assert(
      fc.property(place, short, (where, what) => {
        const name = namesFor(where).endpoint(what);
        expect(name.length).toBeLessThanOrEqual(30);
        expect(name).toMatch(hyphenated);
      }),
    );
  });

  it('of load balancers and target groups are valid for AWS (F-801)', () => {
    fc.assert(
      fc.property(place, (where) => {
        const { loadBalancer, targetGroup } = namesFor(where);
        for (const name of [loadBalancer, targetGroup]) {
          expect(name.length).toBeLessThanOrEqual(32);
          expect(name).toMatch(hyphenated);
          expect(name.startsWith('internal-')).toBe(false);
        }
        expect(loadBalancer).not.toBe(targetGroup);
      }),
    );
  });

  it('of groups, roles, snapshots and secrets are valid for AWS', () => {
    fc.assert(
      fc.property(place, fc.uuid(), (where, lineage) => {
        const names = namesFor(where);
        expect(names.securityGroup('nlb').startsWith('sg-')).toBe(false);
        expect(names.role.length).toBeLessThanOrEqual(64);
        expect(names.finalSnapshot(lineage)).toMatch(hyphenated);
        expect(names.readerSecret).not.toMatch(/-.{6}$/);
      }),
    );
  });

  it('are distinct for distinct things', () => {
    fc.assert(
      fc.property(place, fc.uniqueArray(short, { minLength: 2, maxLength: 30 }), (where, shorts) => {
        const endpoints = shorts.map(namesFor(where).endpoint);
        expect(new Set(endpoints).size).toBe(shorts.length);
      }),
    );
  });

  it('are distinct for distinct environments', () => {
    fc.assert(
      fc.property(place, place, (one, other) => {
        fc.pre(`${one.project}-${one.environment}` !== `${other.project}-${other.environment}`);
        const [a, b] = [namesFor(one), namesFor(other)];
        expect(a.loadBalancer).not.toBe(b.loadBalancer);
        expect(a.targetGroup).not.toBe(b.targetGroup);
        expect(a.endpoint('consumer-1')).not.toBe(b.endpoint('consumer-1'));
      }),
    );
  });

  it('of roles differ by region: IAM has no regions', () => {
    expect(of('airline', 'dev', 'us-east-1').role).not.toBe(of('airline', 'dev', 'eu-west-1').role);
  });
});
