/**
 * A renderer class for listr2, in place of its own: that one clips a long list from the top, redraws everything ten
 * times a second, doesn't follow a resize and holds back what others write. This one draws the folded view through a
 * Frame, on stderr.
 */
import type { Clock } from '../shared/clock.ts';
import type { Paint } from './colour.ts';
import { Frame, type FrameStream } from './frame.ts';
import type { RunView } from './run-view.ts';
import { treeLines } from './tree-lines.ts';

export interface TreeRendererOptions {
  readonly stream: FrameStream & NodeJS.EventEmitter;
  readonly paint: Paint;
  readonly clock: Clock;
  readonly unicode: boolean;
  view(): RunView;
  /** Handed a writer for lines that stay above the tree; undefined when the tree has ended. */
  onPrint(print: ((line: string) => void) | undefined): void;
}

const redrawMs = 100;

export class TreeRenderer {
  static rendererOptions: TreeRendererOptions;
  static rendererTaskOptions: never;
  // listr2 looks at stdout to find a terminal; ours is stderr, and we have looked ourselves.
  static nonTTY = true;
  readonly #options: TreeRendererOptions;
  readonly #frame: Frame;
  readonly #ending = new AbortController();
  readonly #redraw = () => this.#draw();
  #turn = 0;

  constructor(_tasks: unknown, options: TreeRendererOptions) {
    this.#options = options;
    this.#frame = new Frame(options.stream);
  }

  render(): void {
    const { stream, onPrint } = this.#options;
    stream.on('resize', this.#redraw);
    onPrint((line) => this.#frame.print(line));
    this.#draw();
    void this.#keepDrawing();
  }

  end(): void {
    const { stream, onPrint } = this.#options;
    this.#ending.abort();
    stream.off('resize', this.#redraw);
    this.#draw();
    this.#frame.end();
    onPrint(undefined);
  }

  async #keepDrawing(): Promise<void> {
    const { clock } = this.#options;
    const { signal } = this.#ending;
    while (!signal.aborted) {
      // The clock counts AWS's time; the eye wants real time.
      await clock.sleep(redrawMs * clock.speed, { signal, background: true }).catch(() => undefined);
      this.#turn++;
      if (!signal.aborted) this.#draw();
    }
  }

  #draw(): void {
    const { view, paint, unicode, clock } = this.#options;
    const { columns, rows } = this.#frame;
    this.#frame.update(treeLines(view(), { columns, rows, paint, unicode, now: clock.now(), turn: this.#turn }));
  }
}
