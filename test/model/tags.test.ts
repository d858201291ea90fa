import { describe, expect, it } from 'vitest';
import { isOfTest, isOurs, tagsFor, testTagsFor } from '../../src/model/tags.ts';

const owner = { project: 'airline', environment: 'dev', tags: { CostCenter: 'analytics' } };

describe('tags', () => {
  it('say whose a thing is, and what', () => {
    expect(tagsFor(owner, 'consumer-2/workgroup', 'airline-dev-consumer-2')).toEqual({
      CostCenter: 'analytics',
      Name: 'airline-dev-consumer-2',
      'rsds:project': 'airline',
      'rsds:environment': 'dev',
      'rsds:resource': 'consumer-2/workgroup',
    });
  });

  it("of another environment, or none, don't make a thing ours", () => {
    expect(isOurs(owner, tagsFor(owner, 'vpc/vpc', 'x'))).toBe(true);
    expect(isOurs(owner, tagsFor({ ...owner, environment: 'prod' }, 'vpc/vpc', 'x'))).toBe(false);
    expect(isOurs(owner, { 'rsds:project': 'airline' })).toBe(false);
    expect(isOurs(owner, undefined)).toBe(false);
  });

  it('that the user sets never replace those that say whose a thing is', () => {
    const forged = { ...owner, tags: { 'rsds:environment': 'prod' } };
    expect(isOurs(owner, tagsFor(forged, 'vpc/vpc', 'x'))).toBe(true);
  });

  it('tell what stands for a test only from what stays', () => {
    const tags = testTagsFor(owner, 'test/instance', { name: 'airline-dev-test', run: 'r-1' });
    expect(tags).toMatchObject({ 'rsds:test': 'r-1', Name: 'airline-dev-test', CostCenter: 'analytics' });
    expect([isOurs(owner, tags), isOfTest(owner, tags)]).toEqual([true, true]);
    expect(isOfTest(owner, tagsFor(owner, 'vpc/vpc', 'x'))).toBe(false);
    expect(isOfTest({ ...owner, environment: 'prod' }, tags)).toBe(false);
  });
});
