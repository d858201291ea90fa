/** Keys: Enabled ⇄ Disabled; scheduled for deletion, then gone at the date, unless cancelled before. */
import type * as Kms from '@aws-sdk/client-kms';
import type { Checked } from '../../checked.ts';
import { ApiError, type Operation } from '../../service.ts';
import type { EventHandler } from '../../world.ts';
import { checkPolicy, defaultPolicy } from './policies.ts';
import { describedKey, invalid, keyArn, keyOf, mergeTags, notPending, page, pending } from './shared.ts';
import { type Key, kmsState } from './state.ts';

const dayMs = 86_400_000;
const keyGone = 'kms/key-gone';

const createKey: Operation<Checked<Kms.CreateKeyRequest>, Kms.CreateKeyResponse> = (input, call) => {
  const spec = input.KeySpec ?? input.CustomerMasterKeySpec ?? 'SYMMETRIC_DEFAULT';
  const usage = input.KeyUsage ?? 'ENCRYPT_DECRYPT';
  if (spec !== 'SYMMETRIC_DEFAULT' || usage !== 'ENCRYPT_DECRYPT' || (input.Origin ?? 'AWS_KMS') !== 'AWS_KMS') {
    // Gap: asymmetric, HMAC and imported keys are not simulated; Redshift takes none of them.
    throw new ApiError('UnsupportedOperationException', `KeySpec ${spec} with KeyUsage ${usage} is not simulated.`);
  }
  if (input.Policy !== undefined) {
    checkPolicy(input.Policy, call, input.BypassPolicyLockoutSafetyCheck ? 'allow' : 'refuse');
  }
  const id = call.world.random.uuid();
  const keyId = input.MultiRegion ? `mrk-${id.replaceAll('-', '')}` : id;
  const key: Key = {
    keyId,
    arn: keyArn(call, keyId),
    createdAt: call.now,
    keySpec: spec,
    keyUsage: usage,
    multiRegion: input.MultiRegion ?? false,
    description: input.Description ?? '',
    state: 'Enabled',
    deletionAt: undefined,
    policy: input.Policy ?? defaultPolicy(call.account),
    tags: mergeTags([], input.Tags ?? []),
    rotationPeriodDays: undefined,
    rotatesFrom: undefined,
    grants: [],
  };
  kmsState(call).keys[keyId] = key;
  return { KeyMetadata: metadata(key, call.account) };
};

const describeKey: Operation<Checked<Kms.DescribeKeyRequest>, Kms.DescribeKeyResponse> = (input, call) => ({
  KeyMetadata: metadata(describedKey(call, input.KeyId), call.account),
});

const listKeys: Operation<Checked<Kms.ListKeysRequest>, Kms.ListKeysResponse> = (input, call) => {
  const { shown, rest } = page(call, Object.values(kmsState(call).keys), input);
  return { Keys: shown.map((key) => ({ KeyId: key.keyId, KeyArn: key.arn })), ...rest };
};

const enableKey: Operation<Checked<Kms.EnableKeyRequest>, void> = (input, call) => {
  notPending(keyOf(call, input.KeyId)).state = 'Enabled';
};

const disableKey: Operation<Checked<Kms.DisableKeyRequest>, void> = (input, call) => {
  notPending(keyOf(call, input.KeyId)).state = 'Disabled';
};

const updateKeyDescription: Operation<Checked<Kms.UpdateKeyDescriptionRequest>, void> = (input, call) => {
  notPending(keyOf(call, input.KeyId)).description = input.Description;
};

const windowDays = { least: 7, most: 30 };

const scheduleKeyDeletion: Operation<Checked<Kms.ScheduleKeyDeletionRequest>, Kms.ScheduleKeyDeletionResponse> = (
  input,
  call,
) => {
  const days = input.PendingWindowInDays ?? windowDays.most;
  checkWindow(days);
  const key = notPending(keyOf(call, input.KeyId));
  key.state = 'PendingDeletion';
  key.deletionAt = call.now + days * dayMs;
  call.world.schedule(call, days * dayMs, keyGone, { keyId: key.keyId });
  return {
    KeyId: key.arn,
    DeletionDate: new Date(key.deletionAt),
    KeyState: key.state,
    PendingWindowInDays: days,
  };
};

// The model allows 1 to 365; the service takes 7 to 30. F-522
function checkWindow(days: number): void {
  const { least, most } = windowDays;
  if (days >= least && days <= most) return;
  const limit = days < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
  throw invalid(
    `1 validation error detected: Value '${days}' at 'pendingWindowInDays' failed to satisfy constraint: ` +
      `Member must have value ${limit}`,
  );
}

// A key whose deletion is cancelled stays disabled until EnableKey. F-522
const cancelKeyDeletion: Operation<Checked<Kms.CancelKeyDeletionRequest>, Kms.CancelKeyDeletionResponse> = (
  input,
  call,
) => {
  const key = pending(keyOf(call, input.KeyId));
  key.state = 'Disabled';
  key.deletionAt = undefined;
  call.world.unschedule(keyGone, (payload) => payload.keyId === key.keyId);
  return { KeyId: key.arn };
};

const removeKey: EventHandler = (place, payload) => {
  const state = kmsState(place);
  const keyId = String(payload.keyId);
  delete state.keys[keyId];
  for (const alias of Object.values(state.aliases)) {
    if (alias.targetKeyId === keyId) delete state.aliases[alias.name];
  }
};

function metadata(key: Key, account: string): Kms.KeyMetadata {
  return {
    AWSAccountId: account,
    KeyId: key.keyId,
    Arn: key.arn,
    CreationDate: new Date(key.createdAt),
    Enabled: key.state === 'Enabled',
    Description: key.description,
    KeyUsage: 'ENCRYPT_DECRYPT',
    KeyState: key.state,
    DeletionDate: key.deletionAt === undefined ? undefined : new Date(key.deletionAt),
    Origin: 'AWS_KMS',
    KeyManager: 'CUSTOMER',
    CustomerMasterKeySpec: 'SYMMETRIC_DEFAULT',
    KeySpec: 'SYMMETRIC_DEFAULT',
    EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'],
    MultiRegion: key.multiRegion,
  };
}

export const keyOperations = {
  CreateKey: createKey,
  DescribeKey: describeKey,
  ListKeys: listKeys,
  EnableKey: enableKey,
  DisableKey: disableKey,
  UpdateKeyDescription: updateKeyDescription,
  ScheduleKeyDeletion: scheduleKeyDeletion,
  CancelKeyDeletion: cancelKeyDeletion,
};

export const keyEvents = { [keyGone]: removeKey };
