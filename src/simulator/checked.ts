/**
 * An SDK input type after the wire layer's checks: members that the model requires are there, at every depth. (The
 * SDK's types allow `undefined` in them, for callers that fill them in late.)
 */
export type Checked<T> = T extends Uint8Array | Date | string | number | boolean | undefined
  ? T
  : T extends readonly (infer Item)[]
    ? Checked<Item>[]
    : { [K in keyof T]: undefined extends T[K] ? Present<T, K> : Checked<T[K]> };

// A required member has its key in the type (`Name: string | undefined`); an optional one may lack it (`Name?: …`).
type Present<T, K extends keyof T> =
  Record<never, never> extends Pick<T, K> ? Checked<T[K]> : Checked<Exclude<T[K], undefined>>;
