/** A rule looks at the whole configuration and notes what AWS or rsds would refuse. Rules never stop each other. */
import type { ErrorCode } from '../../shared/codes.ts';
import type { Config } from '../config.ts';

export interface Ruling {
  readonly config: Config;
  /** A fault at a dotted path of the configuration, `consumers.count`; the message goes on from the path. */
  fault(code: ErrorCode, path: string, message: string, hint?: string): void;
  /** Something worth knowing that stops nothing. */
  notice(text: string): void;
  /** Whether the values at these paths were read without fault. */
  sound(...paths: readonly string[]): boolean;
  /** Whether the file itself gives a value there. */
  given(path: string): boolean;
}

export type Rule = (ruling: Ruling) => void;
