/**
 * Writes src/simulator/wire/constraints.json: what AWS's service models say of input members beyond their type, which
 * the SDK's runtime schemas leave out (lengths, patterns, ranges, enums, whole numbers).
 *
 *   node scripts/constraints.mjs <folder of botocore's service models, e.g. …/site-packages/botocore/data>
 *
 * The table is `{ services: { <signing name>: { 'Structure.member': index } }, constraints: [ … ] }`; equal constraints
 * are kept once. Attribution: see NOTICE.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Signing name → folder of the model. */
const services = {
  'redshift-serverless': 'redshift-serverless',
  'redshift-data': 'redshift-data',
  redshift: 'redshift',
  ec2: 'ec2',
  elasticloadbalancing: 'elbv2',
  dynamodb: 'dynamodb',
  secretsmanager: 'secretsmanager',
  kms: 'kms',
  iam: 'iam',
  sts: 'sts',
  servicequotas: 'service-quotas',
  monitoring: 'cloudwatch',
  tagging: 'resourcegroupstaggingapi',
  s3: 's3',
  ssm: 'ssm',
};

/** Longer enums (instance types, …) are not worth their size: the services check what they know. */
const LONGEST_ENUM = 150;

function readModel(root, folder) {
  const versions = readdirSync(join(root, folder)).sort();
  const file = join(root, folder, versions.at(-1), 'service-2.json');
  const text = existsSync(file) ? readFileSync(file) : gunzipSync(readFileSync(`${file}.gz`));
  return JSON.parse(text.toString());
}

function constraintOf(model, shapeName) {
  const shape = model.shapes[shapeName];
  const constraint = {};
  if (shape.min !== undefined) constraint.min = shape.min;
  if (shape.max !== undefined) constraint.max = shape.max;
  if (shape.pattern !== undefined) constraint.pattern = shape.pattern;
  if (shape.enum !== undefined && shape.enum.length <= LONGEST_ENUM) constraint.enum = shape.enum;
  if (shape.type === 'integer' || shape.type === 'long') constraint.integer = true;
  const parts = { each: shape.member?.shape, key: shape.key?.shape, value: shape.value?.shape };
  for (const [part, name] of Object.entries(parts)) {
    const inner = name === undefined || model.shapes[name].type === 'structure' ? undefined : constraintOf(model, name);
    if (inner) constraint[part] = inner;
  }
  return Object.keys(constraint).length > 0 ? constraint : undefined;
}

/** The structures that can be reached from any operation's input. */
function inputStructures(model) {
  const seen = new Set();
  const visit = (name) => {
    if (name === undefined || seen.has(name)) return;
    seen.add(name);
    const shape = model.shapes[name];
    for (const member of Object.values(shape.members ?? {})) visit(member.shape);
    for (const part of [shape.member, shape.key, shape.value]) visit(part?.shape);
  };
  for (const operation of Object.values(model.operations)) visit(operation.input?.shape);
  return [...seen].filter((name) => model.shapes[name].type === 'structure').sort();
}

const [root] = process.argv.slice(2);
if (root === undefined) throw new Error('usage: node scripts/constraints.mjs <folder of service models>');

const constraints = [];
const indexes = new Map();
const indexOf = (constraint) => {
  const key = JSON.stringify(constraint);
  if (!indexes.has(key)) indexes.set(key, constraints.push(constraint) - 1);
  return indexes.get(key);
};

const table = {};
for (const [service, folder] of Object.entries(services)) {
  const model = readModel(root, folder);
  table[service] = {};
  for (const structure of inputStructures(model)) {
    for (const [member, target] of Object.entries(model.shapes[structure].members)) {
      const constraint = constraintOf(model, target.shape);
      if (constraint) table[service][`${structure}.${member}`] = indexOf(constraint);
    }
  }
}

const out = join(import.meta.dirname, '../src/simulator/wire/constraints.json');
writeFileSync(out, `${JSON.stringify({ services: table, constraints })}\n`);
