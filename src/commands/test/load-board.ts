/** A load while it runs: repainted each second on a terminal, a line each ten seconds without one. */
import { nameOf } from '../../diagnose/connections/evidence.ts';
import type { LoadSecond } from '../../probe/plan.ts';
import type { Board } from '../../report/board.ts';
import { type LoadMoment, momentLine, momentLines } from '../../report/load.ts';
import type { Bench } from './bench.ts';

const lineEverySeconds = 10;

export function followLoad(bench: Bench, board: Board, seconds: number): (second: LoadSecond) => void {
  const queries = new Map<string, number>();
  let errors = 0;
  return (second) => {
    errors += second.errors;
    for (const [id, count] of Object.entries(second.queries)) queries.set(id, (queries.get(id) ?? 0) + count);
    const moment = momentOf(bench, second, { seconds, queries, errors });
    if (board.live) board.show(momentLines(moment));
    else if (second.second % lineEverySeconds === 0) board.line(momentLine(moment));
  };
}

interface SoFar {
  readonly seconds: number;
  readonly queries: ReadonlyMap<string, number>;
  readonly errors: number;
}

function momentOf({ seen, vantage, consumers }: Bench, second: LoadSecond, soFar: SoFar): LoadMoment {
  const ids = new Set([...Object.keys(second.open), ...soFar.queries.keys()]);
  const named = new Map([...ids].map((id) => [nameOf(seen, id), id]));
  const shorts = [...new Set([...consumers.map(({ short }) => short), ...named.keys()])];
  return {
    environment: seen.desired.names.prefix,
    from: vantage.name,
    second: second.second,
    seconds: soFar.seconds,
    consumers: shorts.map((short) => {
      const id = named.get(short) ?? '';
      return { short, open: second.open[id] ?? 0, queries: soFar.queries.get(id) ?? 0 };
    }),
    perSecond: Object.values(second.queries).reduce((sum, count) => sum + count, 0),
    errors: soFar.errors,
  };
}
