/** Faults, noted while a configuration is read. */
import type { ErrorCode } from '../shared/codes.ts';
import type { ConfigFault } from '../shared/errors.ts';
import type { Place } from './tree.ts';

/** Collects faults while a tree is read. */
export class Reading {
  readonly faults: ConfigFault[] = [];
  readonly #wrong: string[] = [];
  /** The full path of a key of that name in another section. */
  readonly elsewhere: (name: string) => string | undefined;

  constructor(elsewhere: (name: string) => string | undefined = () => undefined) {
    this.elsewhere = elsewhere;
  }

  fault(code: ErrorCode, at: { path: string; place: Place | undefined }, message: string, hint?: string): void {
    this.#wrong.push(withoutEnvironment(at.path));
    this.faults.push({
      code,
      message: `${at.path} ${message}`.trim(),
      path: at.path,
      ...at.place,
      ...(hint && { hint }),
    });
  }

  /** Whether the values at, under and around these paths were read without fault, so that rules may rely on them. */
  sound(...paths: readonly string[]): boolean {
    return !paths.some((path) =>
      this.#wrong.some((wrong) => wrong === path || isUnder(wrong, path) || isUnder(path, wrong)),
    );
  }
}

const isUnder = (path: string, above: string) => path.startsWith(`${above}.`) || path.startsWith(`${above}[`);

/** `environments.prod.consumers.count` is about `consumers.count`. */
const withoutEnvironment = (path: string): string => path.replace(/^environments\.[^.]+\.(?=.)/, '');
