import { describe, expect, it } from 'vitest';
import { isOurs, tagsFor } from '../../src/model/tags.ts';

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
});
