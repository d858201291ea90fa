import { expect, test } from 'vitest';
import table from '../../../src/simulator/wire/constraints.json' with { type: 'json' };
import { type Constraint, compile, constraintOf } from '../../../src/simulator/wire/constraints.ts';
import { addresses, modelOf } from '../../../src/simulator/wire/models.ts';
import { membersOf, type Shape } from '../../../src/simulator/wire/shapes.ts';

const withParts = (constraint: Constraint): Constraint[] =>
  [constraint, constraint.each, constraint.key, constraint.value].filter((part) => part !== undefined);

test('every pattern of the models can be expressed in JavaScript', () => {
  const all: readonly Constraint[] = table.constraints;
  const patterns = all.flatMap(withParts).flatMap(({ pattern }) => pattern ?? []);
  expect(patterns.length).toBeGreaterThan(100);
  for (const pattern of patterns) expect(() => compile(pattern), pattern).not.toThrow();
});

/** The structures that the schemas have, by name, with their members. */
async function structuresOf(service: string): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  const visit = (shape: Shape): void => {
    if (shape.isListSchema() || shape.isMapSchema()) visit(shape.getValueSchema());
    const name = shape.getName() ?? '';
    if (!shape.isStructSchema() || found.has(name)) return;
    found.set(name, new Set(membersOf(shape).map((member) => member.name)));
    for (const member of membersOf(shape)) visit(member.shape);
  };
  const address = addresses.find(({ name }) => name === service)!;
  for (const operation of (await modelOf(address)).operations.values()) visit(operation.input);
  return found;
}

// The JavaScript client knows the first two inputs under other names, and S3's retired operations not at all; none is an
// input that anybody here makes.
const unknownToTheClient =
  /^(BlobAttributeValue|ModifyInstanceAttributeUserDataRequest|(CloudFunction|Queue|Topic)Configuration\w*|PutBucketLifecycleRequest|PutBucketNotificationRequest|Rule)\./;

test.each(addresses.map(({ name }) => name))(
  'the constraints of %s hang on members that its schemas have',
  async (service) => {
    const structures = await structuresOf(service);
    const keys = Object.keys((table.services as Record<string, object>)[service] ?? {});
    const strangers = keys.filter((key) => {
      const [structure = '', member = ''] = key.split('.');
      return !structures.get(structure)?.has(member) && !unknownToTheClient.test(key);
    });
    expect(keys.length).toBeGreaterThan(10);
    expect(strangers).toEqual([]);
  },
);

test('a known member has its constraint', () => {
  expect(constraintOf('redshift-serverless', 'CreateWorkgroupRequest', 'workgroupName')).toEqual({
    ...{ min: 3, max: 64 },
    pattern: '^[a-z0-9-]+$',
  });
});
