/**
 * The producer's initial SQL: each file runs once, in chunks of one transaction each, with a marker row per chunk.
 * A chunk whose marker is there is not run again; a file that changed after its chunks were run is an error, since
 * nobody can tell what to repeat.
 */
import { createHash } from 'node:crypto';
import type { ApplyIo, Resource } from '../../engine/resource.ts';
import { RsdsError } from '../../shared/errors.ts';
import { literal } from './quote.ts';
import { type Chunk, chunkScript, splitScript } from './script.ts';
import type { SqlSession } from './session.ts';
import { type Missing, type SqlContext, type SqlSeen, sqlResource } from './sql-resource.ts';
import { adminTarget, namespaceId, type SqlWarehouse } from './warehouse.ts';

export interface SqlScript {
  readonly name: string;
  readonly text: string;
}

interface Piece {
  readonly file: string;
  readonly number: number;
  readonly sha256: string;
  readonly chunk: Chunk;
}

/** A schema of rsds's own, never shared. */
const meta = 'rsds_meta';
const markers = `${meta}.applied`;

export function initSqlResource(
  producer: SqlWarehouse,
  scripts: readonly SqlScript[],
  context: SqlContext,
): Resource<SqlSeen> {
  const pieces = scripts.flatMap(piecesOf);
  return sqlResource(
    {
      id: 'producer/init-sql',
      kind: 'init-sql',
      title: `initial SQL (${scripts.map(({ name }) => name).join(', ')})`,
      needs: [producer.namespace, producer.workgroup],
      on: producer.warehouse.name,
      target: (known) => adminTarget(producer, known),
      wanted: (known) => {
        const id = namespaceId(producer, known);
        return id === undefined ? undefined : [id, ...pieces.map(({ file, sha256 }) => `${file}:${sha256}`)];
      },
      missing: (session) => missingPieces(session, pieces, context.newToken),
      facts: (known) => ({ namespace: namespaceId(producer, known) ?? null, applied: markersOf(pieces) }),
      revision: ({ namespace, applied }, known) => {
        // Another namespace has its own markers, or none.
        const same = namespace === namespaceId(producer, known);
        if (same) refuseChanged(pieces, new Map(Object.entries((applied ?? {}) as Record<string, string>)));
        return undefined;
      },
    },
    context,
  );
}

/** Splits at planning, so that a file with a fault is refused before anything is touched. */
function piecesOf({ name, text }: SqlScript): Piece[] {
  return chunkScript(name, splitScript(name, text)).map((chunk, index) => ({
    file: name,
    number: index + 1,
    sha256: createHash('sha256')
      .update(chunk.statements.map(({ sql }) => sql).join(';\n'))
      .digest('hex'),
    chunk,
  }));
}

async function missingPieces(
  session: SqlSession,
  pieces: readonly Piece[],
  newToken: () => string,
): Promise<readonly Missing[]> {
  const applied = await appliedMarkers(session);
  refuseChanged(pieces, applied);
  const open = pieces.filter((piece) => !applied.has(markerKey(piece)));
  return open.length === 0 ? [] : [makeMarkerTable, ...open.map((piece) => missingPiece(piece, newToken))];
}

const markerKey = ({ file, number }: { file: string; number: number }) => `${file}#${number}`;

const markersOf = (pieces: readonly Piece[]) =>
  Object.fromEntries(pieces.map((piece) => [markerKey(piece), piece.sha256]));

async function appliedMarkers(session: SqlSession): Promise<Map<string, string>> {
  const tables = await session.query(
    `SELECT table_name FROM svv_tables WHERE table_schema = ${literal(meta)} AND table_name = 'applied'`,
    'look for the markers of initial SQL',
  );
  if (tables.length === 0) return new Map();
  const rows = await session.query(`SELECT file, chunk, sha256 FROM ${markers}`, 'read the markers of initial SQL');
  return new Map(
    rows.map(([file, number, sha256]) => [markerKey({ file: String(file), number: Number(number) }), String(sha256)]),
  );
}

function refuseChanged(pieces: readonly Piece[], applied: ReadonlyMap<string, string>): void {
  for (const piece of pieces) {
    const there = applied.get(markerKey(piece));
    if (there === undefined || there === piece.sha256) continue;
    const line = piece.chunk.statements[0]?.line ?? 1;
    throw new RsdsError(
      'sql/init-changed',
      `${piece.file} was changed, at line ${line} or after it, since it was run`,
      {
        hint: `restore ${piece.file} and put what is new in another file after it in producer.initSql`,
      },
    );
  }
}

const makeMarkerTable: Missing = {
  title: `make ${markers} for the markers of initial SQL`,
  run: async (session) => {
    await session.run(`CREATE SCHEMA IF NOT EXISTS ${meta}`, `CREATE SCHEMA ${meta}`);
    await session.run(
      `CREATE TABLE IF NOT EXISTS ${markers} (file VARCHAR(512) NOT NULL, chunk INTEGER NOT NULL, sha256 CHAR(64) NOT NULL, applied_at TIMESTAMP)`,
      `CREATE TABLE ${markers}`,
    );
  },
};

function missingPiece(piece: Piece, newToken: () => string): Missing {
  const line = piece.chunk.statements[0]?.line ?? 1;
  const count = piece.chunk.statements.length;
  const twice = piece.chunk.transaction ? '' : ', at least once';
  const title = `run ${piece.file} from line ${line} (${count} statement${count === 1 ? '' : 's'}${twice})`;
  return { title, run: (session, io) => runPiece(piece, title, newToken, session, io) };
}

/** What the ledger keeps of the statement under way. */
interface UnderWay {
  readonly chunk: string;
  readonly sha256: string;
  readonly token: string;
}

/**
 * The client token is in the ledger before the statement is started: a run that resumes, or lost the answer, starts it
 * with the same token and gets the first one's id instead of a second execution. Only a statement that refuses a
 * transaction can run twice, when it succeeded and its marker was not written within the token's eight hours.
 */
async function runPiece(
  piece: Piece,
  title: string,
  newToken: () => string,
  session: SqlSession,
  io: ApplyIo,
): Promise<void> {
  const token = tokenUnderWay(piece, io) ?? newToken();
  await io.remember({ statement: { chunk: markerKey(piece), sha256: piece.sha256, token } });
  const sqls = piece.chunk.statements.map(({ sql }) => sql);
  const marker = markerSql(piece);
  const id = piece.chunk.transaction
    ? await session.startBatch([...sqls, marker], token)
    : await session.start(sqls[0] ?? '', token);
  try {
    await session.finish(id, title, (index) => placeIn(piece, index));
  } catch (error) {
    // It ended without success: the same token would only give the same failure again.
    if (error instanceof RsdsError && error.code === 'sql/failed') await io.remember({ statement: null });
    throw error;
  }
  if (!piece.chunk.transaction) await session.run(marker, `mark ${markerKey(piece)} as run`);
  await io.remember({ statement: null });
}

/** `sql/02-rows.sql:4`; nothing for our own marker, which comes last. */
function placeIn({ file, chunk }: Piece, index: number): string | undefined {
  const statement = chunk.statements[index];
  return statement && `${file}:${statement.line}`;
}

function tokenUnderWay(piece: Piece, io: ApplyIo): string | undefined {
  const recorded = io.recorded()?.statement as UnderWay | null | undefined;
  return recorded?.chunk === markerKey(piece) && recorded.sha256 === piece.sha256 ? recorded.token : undefined;
}

const markerSql = ({ file, number, sha256 }: Piece) =>
  `INSERT INTO ${markers} (file, chunk, sha256, applied_at) VALUES (${literal(file)}, ${number}, ${literal(sha256)}, GETDATE())`;
