/**
 * A world with everything that chance and time decide taken out, so that two accounts can be compared for what stands
 * in them: ids, addresses, times, passwords and the order of things. Numbers of things stay, so a twin or an orphan
 * shows.
 */
import type { WorldSnapshot } from '../../src/simulator/world.ts';

/** What has no resources of its own, or only tells what happened; a ledger in S3 is looked at by itself. */
const leftOut = /^(sts|s3\b|monitoring\/metrics|monitoring\b.*|servicequotas|redshift-data|tagging)/;
/** Members that tell what happened, or when. */
const history =
  /^(tokens|networkChangedAt|lingering|createdAt|lastChanged.*|.*At|clientTokens?|statements|generation|revision|versionId|recoveryPoints|versions|rotation.*|requests|registerMs|phase|as|next)$/;

export function canonicalWorld(snapshot: WorldSnapshot): unknown {
  const states = sorted(Object.entries(snapshot.states)).filter(([name]) => !leftOut.test(name));
  return Object.fromEntries(states.map(([name, state]) => [name, canonical(state)]));
}

function canonical(value: unknown): unknown {
  if (typeof value === 'string') return canonicalText(value);
  if (typeof value === 'number') return value > 1e11 ? '#time' : value;
  if (Array.isArray(value))
    return value
      .filter((member) => !makesNothingTwice(member))
      .map(canonical)
      .sort(byText);
  if (typeof value !== 'object' || value === null) return value;
  const entries = sorted(Object.entries(value)).filter(([key]) => !history.test(key));
  // A map by id, name or ARN is a set of its values: the ids are chance.
  if (
    entries.length > 0 &&
    entries.every(([, member]) => typeof member === 'object' && member !== null && !Array.isArray(member))
  ) {
    return entries.map(([key, member]) => [canonicalText(key), canonical(member)]).sort(byText);
  }
  return Object.fromEntries(entries.map(([key, member]) => [key, isSecret(key) ? '#secret' : canonical(member)]));
}

/** An entry of the data plane's journal that may be repeated without a trace. */
const makesNothingTwice = (member: unknown) =>
  typeof member === 'object' &&
  member !== null &&
  'sql' in member &&
  /^\s*CREATE TABLE IF NOT EXISTS\b/i.test(String(member.sql));

// Which came first is chance, too.
const sorted = <T>(entries: [string, T][]) => entries.sort(([one], [other]) => (one < other ? -1 : 1));

const isSecret = (key: string) => /password|secretString|SecretString/i.test(key) && !/arn/i.test(key);

const byText = (one: unknown, other: unknown) => (JSON.stringify(one) ?? '').localeCompare(JSON.stringify(other) ?? '');

const chance: readonly (readonly [RegExp, string])[] = [
  [/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, '#uuid'],
  [/\b(vpc|subnet|sg|sgr|eni|eni-attach|rtb|rtbassoc|acl|aclassoc|vpce|igw|r)-[0-9a-f]{8,17}\b/g, '$1-#'],
  [/\b(final-)[0-9a-f]{12}\b/g, '$1#'],
  [/\b([0-9a-f]{2}:){5}[0-9a-f]{2}\b/g, '#mac'],
  [/\b[0-9a-f]{16,20}\b/g, '#hex'],
  [/\bAROA[A-Z0-9]+/g, 'AROA#'],
  // A single address, not a block.
  [/\b\d{1,3}(\.\d{1,3}){3}\b(?!\/)/g, '#ip'],
  [/\b(\d{1,3}-){3}\d{1,3}\b/g, '#ip'],
  [/(:secret:[^"\s]+?)-[A-Za-z0-9]{6}\b/g, '$1-#'],
  [/md5[0-9a-f]{32}/g, '#md5'],
  // Physical names of the data plane.
  [/~([snpudh])\d+/g, '~$1#'],
];

const canonicalText = (text: string) =>
  chance.reduce((plain, [pattern, replacement]) => plain.replace(pattern, replacement), text);
