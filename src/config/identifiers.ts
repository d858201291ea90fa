/** Names inside the warehouse: what Redshift takes without surprises (F-830, F-831). */
import type { Problem } from './fields.ts';

/** Words that Redshift keeps for its own grammar; as names they work only in quotes, if at all. */
const reservedWords = new Set(
  `aes128 aes256 all allowoverwrite analyse analyze and any array as asc authorization az64 backup between binary
  blanksasnull both bytedict bzip2 case cast check collate column constraint create credentials cross current_date
  current_time current_timestamp current_user current_user_id default deferrable deflate defrag delta delta32k desc
  disable distinct do else emptyasnull enable encode encrypt encryption end except explicit false for foreign freeze
  from full globaldict256 globaldict64k grant group gzip having identity ignore ilike in initially inner intersect
  interval into is isnull join leading left like limit localtime localtimestamp lun luns lzo lzop minus mostly16
  mostly32 mostly8 natural new not notnull null nulls off offline offset oid old on only open or order outer overlaps
  parallel partition percent permissions pivot placing primary raw readratio recover references rejectlog resort
  respect restore right select session_user similar snapshot some sysdate system table tag tdes text255 text32k then
  timestamp to top trailing true truncatecolumns union unique unnest unpivot user using verbose wallet when where with
  without`.split(/\s+/),
);

const systemDatabases = new Set([
  'template0',
  'template1',
  'padb_harvest',
  'awsdatacatalog',
  'internal',
  'sys',
  'rdsdb',
]);
const systemSchemas = new Set([
  'information_schema',
  'pg_catalog',
  'pg_internal',
  'catalog_history',
  'sys',
  'rsds_meta',
]);

/** What is wrong with a name, beyond the pattern; `what` is the kind of thing it names. */
function identifierProblem(name: string, what: string, longest: number): Problem | undefined {
  const code = 'config/identifier';
  const must = `a ${what} name: lower-case letters, digits and underscores, beginning with a letter, at most ${longest} characters`;
  if (reservedWords.has(name.toLowerCase())) return { code, must: `something else: it is a reserved word of Redshift` };
  if (/^[a-z][a-z0-9_]*$/.test(name) && name.length <= longest) return undefined;
  const repaired = name
    .toLowerCase()
    .replace(/[^a-z0-9_]+/g, '_')
    .replace(/^[^a-z]+/, '')
    .slice(0, longest);
  const usable = repaired !== '' && repaired !== name && !reservedWords.has(repaired);
  return { code, must, hint: usable ? `Use \`${repaired}\`.` : undefined };
}

export const checkDatabase = (name: string): Problem | undefined =>
  systemDatabases.has(name)
    ? { code: 'config/identifier', must: 'something else: Redshift has a database of that name' }
    : identifierProblem(name, 'database', 64);

export const checkSchema = (name: string): Problem | undefined =>
  systemSchemas.has(name) || name.startsWith('pg_')
    ? { code: 'config/identifier', must: 'a schema of your own: this one belongs to the system' }
    : identifierProblem(name, 'schema', 127);

export const checkShare = (name: string): Problem | undefined => identifierProblem(name, 'datashare', 127);

export const checkUser = (name: string): Problem | undefined =>
  name === 'public' || name === 'rdsdb'
    ? { code: 'config/identifier', must: 'something else: Redshift keeps that name for itself' }
    : identifierProblem(name, 'user', 127);

/** `schema.table`. */
export function checkTable(name: string): Problem | undefined {
  const [schema, table, ...more] = name.split('.');
  if (schema === undefined || table === undefined || more.length > 0) {
    return { code: 'config/identifier', must: 'a table with its schema: schema.table' };
  }
  return checkSchema(schema) ?? identifierProblem(table, 'table', 127);
}
