/** Results: the only writer of stdout. With `--json` one document, or one line an event; else text. */
import type { Paint } from './colour.ts';

/** What is written to; a process stream, or a buffer in tests. */
export interface Sink {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

export interface Output {
  /** Whether the user asked for JSON. */
  readonly json: boolean;
  /** Pen with stdout's colours. */
  readonly paint: Paint;
  /** Width to fit to; 80 where stdout is no terminal. */
  readonly columns: number;
  /** Width at which text for people is broken: a terminal's; lines for pipes stay whole. */
  readonly room: number;
  /** A result for people; written as it is, with a line end. Nothing with `--json`. */
  text(text: string): void;
  /** The one document of a reading command, with `"version": 1`. Nothing without `--json`. */
  document(document: object): void;
  /** One line of a stream of events, with `"version": 1`. Nothing without `--json`. */
  event(event: { readonly event: string; readonly [key: string]: unknown }): void;
}

/** The width of a terminal; no limit where the stream is none. */
export const roomOf = ({ isTTY, columns }: Sink): number =>
  isTTY && columns !== undefined ? columns : Number.POSITIVE_INFINITY;

/** The version of every JSON that rsds prints. */
export const jsonVersion = 1;

export function createOutput(sink: Sink, options: { readonly json: boolean; readonly paint: Paint }): Output {
  const { json, paint } = options;
  return {
    json,
    paint,
    columns: sink.columns ?? 80,
    room: roomOf(sink),
    text: (text) => {
      if (!json) sink.write(`${text}\n`);
    },
    document: (document) => {
      if (json) sink.write(`${JSON.stringify({ version: jsonVersion, ...document }, undefined, 2)}\n`);
    },
    event: (event) => {
      if (json) sink.write(`${JSON.stringify({ version: jsonVersion, ...event })}\n`);
    },
  };
}
