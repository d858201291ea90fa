/** Remarks beside results and progress: one line each on stderr, above the live tree while there is one. */
import type { Paint } from './colour.ts';
import { wrap } from './error.ts';
import { roomOf, type Sink } from './output.ts';

export interface Notices {
  readonly paint: Paint;
  /** Width at which lines are broken. */
  readonly room: number;
  /** A remark worth knowing; nothing with `--quiet`. */
  line(text: string): void;
  /** Shown even with `--quiet`. */
  warning(text: string): void;
  /** Shown with `--verbose` or `--debug`. */
  detail(text: string): void;
  /** Shown with `--debug`. */
  debug(text: string): void;
  /** Sends lines through `write` (a live frame) instead of to the stream, until called with undefined. */
  through(write: ((line: string) => void) | undefined): void;
}

export interface NoticeOptions {
  readonly paint: Paint;
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly debug: boolean;
}

export function createNotices(sink: Sink, options: NoticeOptions): Notices {
  const { paint, quiet, verbose, debug } = options;
  let above: ((line: string) => void) | undefined;
  const write = (text: string) => (above ? above(text) : void sink.write(`${text}\n`));
  return {
    paint,
    room: roomOf(sink),
    line: (text) => {
      // What has several lines is laid out already.
      if (!quiet) write(text.includes('\n') ? text : wrap(text, roomOf(sink)).join('\n'));
    },
    warning: (text) => write(`${paint.yellow('!')} ${wrap(text, roomOf(sink) - 2).join('\n  ')}`),
    detail: (text) => {
      if (verbose || debug) write(paint.dim(text));
    },
    debug: (text) => {
      if (debug) write(paint.dim(text));
    },
    through: (next) => {
      above = next;
    },
  };
}
