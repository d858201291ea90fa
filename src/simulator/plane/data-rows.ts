/** Rows as Postgres writes them: DataRow messages, one after the other. */

/** Where the first `limit` of the rows from `from` on end; 0 is without limit. */
export function endOfRows(rows: Buffer, from: number, limit: number): number {
  if (limit <= 0) return rows.length;
  let at = from;
  for (let left = limit; left > 0 && at < rows.length; left--) at += 1 + rows.readInt32BE(at + 1);
  return at;
}

/** How many rows there are from one place to another. */
export function countRows(rows: Buffer, from: number, to: number): number {
  let count = 0;
  for (let at = from; at < to; at += 1 + rows.readInt32BE(at + 1)) count++;
  return count;
}

/** The values of one row in text format. */
export function textsOf(row: Uint8Array): (string | null)[] {
  const bytes = asBuffer(row);
  const values: (string | null)[] = [];
  for (let at = 7, left = bytes.readInt16BE(5); left > 0; left--) {
    const length = bytes.readInt32BE(at);
    values.push(length < 0 ? null : bytes.toString('utf8', at + 4, at + 4 + length));
    at += 4 + Math.max(0, length);
  }
  return values;
}

/** The same bytes. */
export const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);
