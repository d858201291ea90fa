/** Automatic rotation of a key's material. */
import type * as Kms from '@aws-sdk/client-kms';
import type { Checked } from '../../checked.ts';
import type { Operation } from '../../service.ts';
import { enabled, keyOf } from './shared.ts';
import type { Key } from './state.ts';

const dayMs = 86_400_000;
const defaultPeriodDays = 365;

// A call without a period keeps the one that was set before. F-524
const enableKeyRotation: Operation<Checked<Kms.EnableKeyRotationRequest>, void> = (input, call) => {
  const key = enabled(keyOf(call, input.KeyId));
  key.rotationPeriodDays = input.RotationPeriodInDays ?? key.rotationPeriodDays ?? defaultPeriodDays;
  key.rotatesFrom ??= call.now;
};

const disableKeyRotation: Operation<Checked<Kms.DisableKeyRotationRequest>, void> = (input, call) => {
  const key = enabled(keyOf(call, input.KeyId));
  key.rotatesFrom = undefined;
};

// A key that waits for its deletion is not rotated; the setting comes back when the deletion is cancelled. F-524
const getKeyRotationStatus: Operation<Checked<Kms.GetKeyRotationStatusRequest>, Kms.GetKeyRotationStatusResponse> = (
  input,
  call,
) => {
  const key = keyOf(call, input.KeyId);
  const { rotatesFrom, rotationPeriodDays } = key;
  if (rotatesFrom === undefined || rotationPeriodDays === undefined || key.state === 'PendingDeletion') {
    return { KeyId: key.arn, KeyRotationEnabled: false };
  }
  return {
    KeyId: key.arn,
    KeyRotationEnabled: true,
    RotationPeriodInDays: rotationPeriodDays,
    NextRotationDate: new Date(rotationsOf(key, call.now).next),
  };
};

const listKeyRotations: Operation<Checked<Kms.ListKeyRotationsRequest>, Kms.ListKeyRotationsResponse> = (
  input,
  call,
) => {
  const key = keyOf(call, input.KeyId);
  const rotations = rotationsOf(key, call.now).past.map((at) => ({
    KeyId: key.arn,
    RotationDate: new Date(at),
    RotationType: 'AUTOMATIC' as const,
  }));
  return { Rotations: rotations, Truncated: false };
};

function rotationsOf(key: Key, now: number): { past: number[]; next: number } {
  const period = (key.rotationPeriodDays ?? defaultPeriodDays) * dayMs;
  const from = key.rotatesFrom;
  if (from === undefined) return { past: [], next: now + period };
  const count = Math.floor((now - from) / period);
  return {
    past: Array.from({ length: count }, (_, index) => from + (index + 1) * period),
    next: from + (count + 1) * period,
  };
}

export const rotationOperations = {
  EnableKeyRotation: enableKeyRotation,
  DisableKeyRotation: disableKeyRotation,
  GetKeyRotationStatus: getKeyRotationStatus,
  ListKeyRotations: listKeyRotations,
};
