import type { Clock } from '../shared/clock.ts';
import type { Paint } from './colour.ts';
import { createLinesReporter } from './lines-reporter.ts';
import type { Notices } from './notices.ts';
import type { RunReporter } from './reporter.ts';

export interface TreeOptions {
  readonly stream: NodeJS.WriteStream;
  readonly paint: Paint;
  readonly clock: Clock;
  readonly notices: Notices;
  readonly unicode: boolean;
}

/** The live tree. */
export const createTreeReporter = ({ stream, paint, clock }: TreeOptions): RunReporter =>
  createLinesReporter({ sink: stream, paint, speed: clock.speed });
