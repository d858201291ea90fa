/** Figures while something is measured: one block that is repainted on a terminal, now and then a line without one. */
import type { Notices } from './notices.ts';
import type { Sink } from './output.ts';
import { chooseRenderer, type RendererFlags } from './reporter.ts';

export interface Board {
  /** Whether `show` is seen; else `line` is. */
  readonly live: boolean;
  readonly columns: number;
  /** Repaints the block. */
  show(lines: readonly string[]): void;
  /** A line that stays, where nothing is repainted. */
  line(text: string): void;
  /** Leaves what is shown, and gives the terminal back. */
  close(): void;
}

export interface BoardOptions {
  readonly flags: RendererFlags;
  readonly stderr: NodeJS.WriteStream;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly notices: Notices;
}

export async function createBoard({ flags, stderr, environment, notices }: BoardOptions): Promise<Board> {
  switch (chooseRenderer(flags, stderr, environment)) {
    case 'tree':
      return liveBoard(stderr, notices);
    case 'lines':
      return linesBoard((line) => stderr.write(`${line}\n`));
    default:
      return linesBoard(() => undefined);
  }
}

export const linesBoard = (write: (line: string) => unknown): Board => ({
  live: false,
  columns: 80,
  show: () => undefined,
  line: (text) => void write(text),
  close: () => undefined,
});

async function liveBoard(stream: Sink & { write(text: string): unknown }, notices: Notices): Promise<Board> {
  const { Frame } = await import('./frame.ts');
  const frame = new Frame(stream);
  notices.through((line) => frame.print(line));
  return {
    live: true,
    get columns() {
      return frame.columns;
    },
    show: (lines) => frame.update(lines.map((line) => line.slice(0, frame.columns - 1))),
    line: () => undefined,
    close: () => {
      frame.end();
      notices.through(undefined);
    },
  };
}
