/** What a layer failed with, as plain data: a SQLSTATE or the system's code, and the words that came with it. */
import { withoutSecrets } from '../shared/secrets.ts';
import type { Layer, ProbeError } from './plan.ts';

/** A connection that ended at a layer. */
export class LayerFailure extends Error {
  readonly layer: Layer;
  readonly error: ProbeError;

  constructor(layer: Layer, error: ProbeError) {
    super(`${layer}: ${error.code} ${error.message}`);
    this.name = 'LayerFailure';
    this.layer = layer;
    this.error = error;
  }
}

/** An error with a code of its own, where neither system nor server gives one. */
export const coded = (code: string, message: string): Error => Object.assign(new Error(message), { code });

export function probeErrorOf(error: unknown): ProbeError {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === 'string' && code !== '' ? code : 'UNKNOWN',
    message: withoutSecrets(typeof message === 'string' ? message : String(error)),
  };
}
