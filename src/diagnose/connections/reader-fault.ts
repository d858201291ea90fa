/** What it means that a consumer refuses the reader: from the SQLSTATE, or the words that the Data API passes on. */
import type { ProbeError } from '../../probe/plan.ts';
import type { Finding } from '../finding.ts';
import type { Observations } from '../observations.ts';
import { rsds } from '../selectors.ts';

/** What is amiss on the consumer. */
export type ReaderFaultKind = 'password' | 'database' | 'login' | 'right' | 'table' | 'other';

interface Kind {
  readonly kind: ReaderFaultKind;
  readonly codes: readonly string[];
  readonly words: RegExp;
  cause(seen: Observations): string;
}

const kinds: readonly Kind[] = [
  {
    kind: 'password',
    codes: ['28P01'],
    words: /password authentication failed/i,
    cause: ({ desired: { config, names } }) =>
      `the password of ${config.datashare.reader} there is another than the one in the secret ${names.readerSecret}`,
  },
  {
    kind: 'database',
    codes: ['3D000'],
    words: /database "?[^"]+"? does not exist/i,
    cause: ({ desired: { config } }) => `the shared database ${config.datashare.consumerDatabase} is missing there`,
  },
  {
    kind: 'login',
    codes: ['28000'],
    words: /(user|role) "?[^"]+"? does not exist/i,
    cause: ({ desired: { config } }) => `the login ${config.datashare.reader} is missing there`,
  },
  {
    kind: 'right',
    codes: ['42501'],
    words: /permission denied/i,
    cause: ({ desired: { config } }) =>
      `${config.datashare.reader} has lost a right there, above all USAGE on the database ${config.datashare.consumerDatabase}`,
  },
  {
    kind: 'table',
    codes: ['42P01', '3F000'],
    words: /(relation|table|schema) "?[^"]+"? does not exist/i,
    cause: ({ desired: { config } }) => `what it reads is no part of the datashare ${config.datashare.name} any more`,
  },
];

const kindOf = ({ code, message }: ProbeError): Kind | undefined =>
  kinds.find(({ codes }) => codes.includes(code)) ?? kinds.find(({ words }) => words.test(message));

export const readerFaultKind = (error: ProbeError): ReaderFaultKind => kindOf(error)?.kind ?? 'other';

export interface Advice {
  readonly cause: string;
  readonly remedy: string;
}

/** What keeps the reader out of one consumer. What the control plane shows of the share comes first: the rest follows from it. */
export function readerFault(
  seen: Observations,
  control: readonly Finding[],
  { short, error }: { readonly short: string; readonly error: ProbeError },
): Advice {
  const known = control.find(
    ({ check, subject, verdict }) =>
      verdict === 'fail' && ((check === 'grant' && subject === short) || check === 'datashare'),
  );
  if (known) return { cause: `${known.what}: ${known.cause}`, remedy: known.remedy ?? rsds(seen, 'up') };
  const kind = kindOf(error);
  if (kind) return { cause: kind.cause(seen), remedy: rsds(seen, 'up --sql') };
  return { cause: 'the warehouse gives no other reason', remedy: rsds(seen, `diagnose ${short}`) };
}
