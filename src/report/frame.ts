/**
 * A block of lines at the bottom of the terminal that is redrawn in place without flicker: only lines that differ are
 * written, in one synchronised write (DEC 2026). The caller cuts each line to the terminal's width less one.
 *
 * F1. The cursor rests at the start of the line below the block.
 * F2. The block is never higher than the terminal less one line, so that moving up always reaches its top.
 */
import stringWidth from 'string-width';

export interface FrameStream {
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
  write(text: string): unknown;
}

const csi = '\u001b[';
const eraseBelow = `${csi}J`;
const eraseToEnd = `${csi}K`;
const down = `${csi}B`;
const up = (lines: number) => (lines > 0 ? `${csi}${lines}A` : '');
const synchronised = (text: string) => `${csi}?2026h${text}${csi}?2026l`;
const hideCursor = `${csi}?25l`;
const showCursor = `${csi}?25h`;

export class Frame {
  readonly #stream: FrameStream;
  #lines: readonly string[] = [];
  #columns = 0;
  #hidden = false;

  constructor(stream: FrameStream) {
    this.#stream = stream;
  }

  get columns(): number {
    return this.#stream.columns || 80;
  }

  get rows(): number {
    return this.#stream.rows || 24;
  }

  /** Shows `lines`, cut to what fits, in place of the last ones. */
  update(lines: readonly string[]): void {
    const next = lines.slice(0, this.rows - 1);
    const start = this.#hidden ? '' : hideCursor;
    this.#hidden = true;
    const resized = this.#lines.length > 0 && (this.#columns !== this.columns || this.#lines.length >= this.rows);
    const body = resized ? this.#wipe() + whole(next) : difference(this.#lines, next);
    this.#lines = next;
    this.#columns = this.columns;
    if (start + body !== '') this.#stream.write(synchronised(start + body));
  }

  /** Writes a line that stays, above the block. */
  print(line: string): void {
    this.#stream.write(synchronised(`${this.#wipe()}${line}\r\n${whole(this.#lines)}`));
  }

  /** Leaves the block as it is and gives the cursor back. */
  end(): void {
    if (this.#hidden) this.#stream.write(showCursor);
    this.#hidden = false;
    this.#lines = [];
  }

  // After a change of width the terminal has wrapped the old lines anew: count how many rows they take now.
  #wipe(): string {
    const taken = this.#lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(stringWidth(line) / this.columns)), 0);
    return `${up(Math.min(taken, this.rows - 1))}\r${eraseBelow}`;
  }
}

const whole = (lines: readonly string[]) => lines.map((line) => `${line}${eraseToEnd}\r\n`).join('');

function difference(before: readonly string[], after: readonly string[]): string {
  const same = after.length === before.length && after.every((line, index) => line === before[index]);
  if (same) return '';
  const body = after.map((line, index) => (line === before[index] ? down : `${line}${eraseToEnd}\r\n`)).join('');
  return up(before.length) + body + (after.length < before.length ? eraseBelow : '');
}
