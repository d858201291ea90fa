/**
 * The picture of a run: a line for each step, under it what fails, runs or waits in it. When not everything fits, the
 * most urgent lines stay and the last one counts the others.
 */
import stringWidth from 'string-width';
import { formatDuration } from '../shared/clock.ts';
import type { Paint } from './colour.ts';
import { type Phase, type ResourceView, type RunView, type StepView, stepsOf } from './run-view.ts';
import { waitedOf } from './wording.ts';

export interface Canvas {
  readonly columns: number;
  readonly rows: number;
  readonly paint: Paint;
  readonly unicode: boolean;
  /** ms since the epoch on the run's clock. */
  readonly now: number;
  /** Counts up while it is drawn; moves the spinner. */
  readonly turn: number;
}

export function treeLines(view: RunView, canvas: Canvas): string[] {
  const open = view.outcome === undefined;
  const steps = stepsOf(view).map((step) => (open || step.phase !== 'running' ? step : stopped(step)));
  const footer = footerLines(view, canvas);
  const room = Math.max(0, canvas.rows - 1 - steps.length - footer.length - 1);
  const { shown, hidden } = chooseShown(steps, open, room);
  const lines = steps.flatMap((step) => [
    stepLine(step, canvas),
    ...step.resources.filter((resource) => shown.has(resource)).map((resource) => resourceLine(resource, canvas)),
  ]);
  if (hidden.length > 0) lines.push(cut(`  … ${hiddenText(hidden)}`, canvas));
  return [...lines, ...footer];
}

// In the last picture nothing runs: what was not finished waits for the next run.
const stopped = (step: StepView): StepView => ({ ...step, phase: 'waiting' });

const urgency: readonly Phase[] = ['failed', 'running', 'waiting'];

function chooseShown(steps: readonly StepView[], open: boolean, room: number) {
  const wanted = steps
    .flatMap((step) => step.resources)
    .filter(({ phase }) => phase === 'failed' || (open && (phase === 'running' || phase === 'waiting')));
  const ordered = urgency.flatMap((phase) => wanted.filter((resource) => resource.phase === phase));
  const waiting = wanted.filter(({ phase }) => phase === 'waiting').length;
  // Waiting lines say little: they are shown when all of them fit, else counted.
  const limit = ordered.length <= room ? room : Math.max(0, Math.min(room, ordered.length - waiting));
  return { shown: new Set(ordered.slice(0, limit)), hidden: ordered.slice(limit) };
}

function hiddenText(hidden: readonly ResourceView[]): string {
  const counts = urgency.flatMap((phase) => {
    const count = hidden.filter((resource) => resource.phase === phase).length;
    return count > 0 ? `${count} ${phase}` : [];
  });
  return `${hidden.length} more: ${counts.join(', ')}`;
}

function stepLine(step: StepView, canvas: Canvas): string {
  const { paint, now } = canvas;
  const count = step.phase === 'waiting' && step.done === 0 ? '' : `${step.done}/${step.resources.length}`;
  const time = step.startedAt === undefined ? '' : formatDuration((step.endedAt ?? now) - step.startedAt);
  const text = `${step.step.padEnd(10)} ${count.padStart(7)}  ${time}`.trimEnd();
  return `${mark(step.phase, canvas)} ${step.phase === 'waiting' ? paint.dim(text) : paint.bold(text)}`;
}

function resourceLine(resource: ResourceView, canvas: Canvas): string {
  const { paint, now } = canvas;
  const { id } = resource.label;
  if (resource.phase === 'waiting')
    return `    ${mark('waiting', canvas)} ${paint.dim(cutPlain(id, canvas.columns - 7))}`;
  const waited = resource.phase === 'failed' ? '' : waitedOf(now - resource.since, resource.usualMs);
  const text = [id.padEnd(22), resource.text, waited, resource.why].filter(Boolean).join('  ');
  const head = `    ${mark(resource.phase, canvas)} `;
  const rest = cutPlain(text, canvas.columns - 7);
  return head + (resource.phase === 'failed' ? paint.red(rest) : rest);
}

function footerLines(view: RunView, canvas: Canvas): string[] {
  const { paint, now } = canvas;
  const elapsed = formatDuration((view.endedAt ?? now) - view.startedAt);
  if (view.outcome !== undefined) return ['', cut(`${view.outcome} in ${elapsed}`, canvas)];
  const hint = view.stopping
    ? `stopping: ${view.stopping}`
    : (view.lockWait ?? 'Ctrl-C stops safely; the same command goes on from there');
  return ['', paint.dim(cutPlain(`${elapsed}  ${hint}`, canvas.columns - 1))];
}

const spinner = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const spinnerAscii = ['-', '\\', '|', '/'];

function mark(phase: Phase, { paint, unicode, turn }: Canvas): string {
  const frames = unicode ? spinner : spinnerAscii;
  switch (phase) {
    case 'done':
      return paint.green(unicode ? '✔' : 'v');
    case 'failed':
      return paint.red(unicode ? '✖' : 'x');
    case 'running':
      return paint.cyan(frames[turn % frames.length] ?? '-');
    case 'waiting':
      return paint.dim(unicode ? '·' : '.');
  }
}

const cut = (text: string, { columns }: Canvas) => (stringWidth(text) < columns ? text : cutPlain(text, columns - 1));

/** Cuts uncoloured text to `width` columns, an ellipsis marking the cut. */
export function cutPlain(text: string, width: number): string {
  if (stringWidth(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const character of text) {
    const next = stringWidth(character);
    if (used + next > width - 1) break;
    kept += character;
    used += next;
  }
  return `${kept}…`;
}
