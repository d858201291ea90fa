/**
 * Where tagged resources are found: one source a service. A service joins by exporting a function of this type and
 * being listed in `sources.ts`.
 */
import type { Place } from '../../world.ts';

export interface TaggedResource {
  readonly arn: string;
  readonly tags: readonly { readonly key: string; readonly value: string }[];
  /** When it got there, world time in ms; what is young is not found yet. Without it, it is found at once. */
  readonly since?: number | undefined;
}

/** The tagged resources of a service in the place's region. */
export type TaggedSource = (place: Place) => readonly TaggedResource[];
