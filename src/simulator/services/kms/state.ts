/** What KMS remembers of a region: keys by id and aliases by name. */
import type { Place, Slot } from '../../world.ts';

export interface KmsTag {
  readonly key: string;
  readonly value: string;
}

export interface KmsGrant {
  readonly grantId: string;
  readonly granteePrincipal: string | undefined;
  readonly retiringPrincipal: string | undefined;
  readonly operations: readonly string[];
  readonly name: string | undefined;
  readonly createdAt: number;
}

export type KeyState = 'Enabled' | 'Disabled' | 'PendingDeletion';

export interface Key {
  readonly keyId: string;
  readonly arn: string;
  readonly createdAt: number;
  readonly keySpec: string;
  readonly keyUsage: string;
  readonly multiRegion: boolean;
  description: string;
  state: KeyState;
  deletionAt: number | undefined;
  policy: string;
  tags: KmsTag[];
  rotationPeriodDays: number | undefined;
  /** The period outlives DisableKeyRotation only as the default; `rotatesFrom` is when rotation was switched on. */
  rotatesFrom: number | undefined;
  grants: KmsGrant[];
}

export interface Alias {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: number;
  targetKeyId: string;
  updatedAt: number;
}

export interface KmsState {
  keys: Record<string, Key>;
  aliases: Record<string, Alias>;
}

export const kmsSlot: Slot<KmsState> = {
  name: 'kms',
  scope: 'region',
  initial: () => ({ keys: {}, aliases: {} }),
};

export const kmsState = (place: Place): KmsState => place.world.state(kmsSlot, place.region);

/** Finds a key by its id, ARN, alias name or alias ARN, as every call that takes a KeyId does. F-520 */
export function findKey(place: Place, reference: string): Key | undefined {
  const state = kmsState(place);
  const name = localName(place, reference);
  if (name === undefined) return undefined;
  const keyId = name.startsWith('alias/') ? state.aliases[name]?.targetKeyId : name;
  return keyId === undefined ? undefined : state.keys[keyId];
}

// Keys of other regions and accounts are not visible here.
function localName(place: Place, reference: string): string | undefined {
  if (!reference.startsWith('arn:')) return reference;
  const prefix = `arn:aws:kms:${place.region}:${place.account}:`;
  return reference.startsWith(prefix) ? reference.slice(prefix.length).replace(/^key\//, '') : undefined;
}
