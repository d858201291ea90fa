/**
 * The live tree on a terminal: events are folded into a view, listr2 runs one task for each step that ends when the
 * step has, and its renderer (ours) draws. Before there is a tree, a line tells whose lock is waited for.
 */
import { Listr } from 'listr2';
import ora, { type Ora } from 'ora';
import type { RunEvent } from '../engine/events.ts';
import type { StepName } from '../engine/resource.ts';
import type { Clock } from '../shared/clock.ts';
import type { Paint } from './colour.ts';
import type { Notices } from './notices.ts';
import type { RunReporter } from './reporter.ts';
import { emptyView, fold, type RunView, type StepView, stepsOf } from './run-view.ts';
import { TreeRenderer } from './tree-renderer.ts';

export interface TreeOptions {
  readonly stream: NodeJS.WriteStream;
  readonly paint: Paint;
  readonly clock: Clock;
  readonly notices: Notices;
  readonly unicode: boolean;
}

export const createTreeReporter = (options: TreeOptions): RunReporter => new TreeReporter(options);

/** Something that listr2 waits for. */
interface Ending {
  readonly ended: Promise<void>;
  end(): void;
}

class TreeReporter implements RunReporter {
  readonly #options: TreeOptions;
  readonly #steps = new Map<StepName, Ending>();
  // The last picture is drawn after the run has said how it ended.
  readonly #whole = ending();
  #view: RunView = emptyView;
  #run: Promise<unknown> | undefined;
  #lockWait: Ora | undefined;

  constructor(options: TreeOptions) {
    this.#options = options;
  }

  emit(event: RunEvent): void {
    this.#view = fold(this.#view, event);
    const { notices } = this.#options;
    if (event.event === 'lock-waiting' && !this.#run) this.#tellLockWait();
    if (event.event === 'lock-acquired') this.#endLockWait();
    if (event.event === 'run-started') this.#start();
    if (event.event === 'note' && event.level === 'warning') {
      notices.warning(event.resource ? `${event.resource.id}: ${event.text}` : event.text);
    }
    for (const step of stepsOf(this.#view)) if (hasEnded(step)) this.#steps.get(step.step)?.end();
    if (event.event === 'run-ended') this.#endAll();
  }

  async close(): Promise<void> {
    this.#endLockWait();
    this.#endAll();
    await this.#run;
    this.#run = undefined;
  }

  #endAll(): void {
    for (const step of this.#steps.values()) step.end();
    this.#whole.end();
  }

  #tellLockWait(): void {
    const { stream, notices } = this.#options;
    const text = this.#view.lockWait ?? '';
    if (this.#lockWait) {
      this.#lockWait.text = text;
      return;
    }
    // Ctrl-C is main's, and nothing is read from the terminal meanwhile.
    const line = ora({ stream, text, discardStdin: false, isEnabled: true }).start();
    notices.through((remark) => {
      line.clear();
      stream.write(`${remark}\n`);
      line.render();
    });
    this.#lockWait = line;
  }

  #endLockWait(): void {
    if (!this.#lockWait) return;
    this.#lockWait.stop();
    this.#options.notices.through(undefined);
    this.#lockWait = undefined;
  }

  #start(): void {
    this.#endLockWait();
    const { stream, paint, clock, notices, unicode } = this.#options;
    const steps = stepsOf(this.#view);
    for (const { step } of steps) this.#steps.set(step, ending());
    const list = new Listr(
      [
        ...steps.map(({ step }) => ({ title: step, task: () => this.#steps.get(step)?.ended })),
        { task: () => this.#whole.ended },
      ],
      {
        concurrent: true,
        // Ctrl-C is main's: listr2's own handler would end the process with 127.
        registerSignalListeners: false,
        renderer: TreeRenderer,
        rendererOptions: {
          stream,
          paint,
          clock,
          unicode,
          view: () => this.#view,
          onPrint: (print) => notices.through(print),
        },
      },
    );
    this.#run = list.run();
  }
}

const hasEnded = ({ phase }: StepView) => phase === 'done' || phase === 'failed';

function ending(): Ending {
  let end = () => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end: () => end() };
}
