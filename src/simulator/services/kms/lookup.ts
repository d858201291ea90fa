/** What other services ask KMS before they encrypt something. */
import type { Place } from '../../world.ts';
import { findKey, type KeyState } from './state.ts';

/** The state of a key of this region; undefined when there is none by that id, ARN or alias. */
export function keyState(place: Place, keyIdOrArnOrAlias: string): KeyState | undefined {
  return findKey(place, keyIdOrArnOrAlias)?.state;
}
