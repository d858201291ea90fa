/** The renderer of a run: folds its events, one module a kind (tree, lines, json, quiet, memory). */
import type { Reporter } from '../engine/events.ts';
import type { Clock } from '../shared/clock.ts';
import { colourLevel, isCi, paintFor } from './colour.ts';
import { createJsonReporter } from './json-reporter.ts';
import { createLinesReporter } from './lines-reporter.ts';
import type { Notices } from './notices.ts';
import type { Output, Sink } from './output.ts';
import { retryLine } from './wording.ts';

export interface RunReporter extends Reporter {
  /** Finishes the picture and gives the terminal back. To be awaited before a result is printed. */
  close(): Promise<void>;
}

export type RendererName = 'tree' | 'lines' | 'json' | 'quiet';

type Environment = Readonly<Record<string, string | undefined>>;

export interface RendererFlags {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly color: boolean;
}

/** Which renderer suits: JSON and quiet when asked for; a live tree on a terminal that can take it; else lines. */
export function chooseRenderer(flags: RendererFlags, stderr: Sink, environment: Environment): RendererName {
  if (flags.json) return 'json';
  if (flags.quiet) return 'quiet';
  const still = isCi(environment) || environment.TERM === 'dumb' || Boolean(environment.RSDS_NO_ANIMATION);
  return stderr.isTTY && !still ? 'tree' : 'lines';
}

export interface ReporterOptions {
  readonly flags: RendererFlags & { readonly verbose: boolean };
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Environment;
  readonly out: Output;
  readonly notices: Notices;
  readonly clock: Clock;
}

export async function createReporter(options: ReporterOptions): Promise<RunReporter> {
  const { flags, stderr, environment, out, notices, clock } = options;
  const paint = paintFor(colourLevel(stderr, flags.color, environment));
  switch (chooseRenderer(flags, stderr, environment)) {
    case 'json':
      return createJsonReporter(out);
    case 'quiet':
      return quietReporter;
    case 'lines':
      return createLinesReporter({ sink: stderr, paint, speed: clock.speed, verbose: flags.verbose });
    case 'tree': {
      const { createTreeReporter } = await import('./tree-reporter.ts');
      const tree = await createTreeReporter({ stream: stderr, paint, clock, notices, unicode: isUnicode(environment) });
      return tellingRetries(tree, notices);
    }
  }
}

/** The tree shows a resource's last retry only; with `--verbose` each stands above it, as reads that are repeated do. */
export const tellingRetries = (reporter: RunReporter, notices: Notices): RunReporter => ({
  emit: (event) => {
    if (event.event === 'retry') notices.detail(retryLine(event));
    reporter.emit(event);
  },
  close: () => reporter.close(),
});

/** Says nothing: what failed is told by the error at the end. */
export const quietReporter: RunReporter = { emit: () => {}, close: () => Promise.resolve() };

/** Whether the terminal's locale can show more than ASCII. */
export const isUnicode = (environment: Environment): boolean => {
  const locale = environment.LC_ALL || environment.LC_CTYPE || environment.LANG || '';
  return locale === '' || /utf-?8/i.test(locale);
};
