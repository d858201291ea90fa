/** Rotation: managed secrets get a new password every 30 days, or at once when asked. */
import type * as Secrets from '@aws-sdk/client-secrets-manager';
import type { Checked } from '../../checked.ts';
import type { Operation } from '../../service.ts';
import type { EventHandler, Place } from '../../world.ts';
import { makePassword } from './passwords.ts';
import { invalidRequest, liveSecret } from './shared.ts';
import { type Secret, secretsState, versionAt } from './state.ts';
import { addVersion } from './versions.ts';

const rotationMs = 30 * 86_400_000;
const rotationDue = 'secretsmanager/rotation-due';

/** Starts the 30-day round of a managed secret. F-546 */
export function scheduleRotation(place: Place, secret: Secret): void {
  place.world.schedule(place, rotationMs, rotationDue, { arn: secret.arn });
}

export function endRotation(place: Place, arn: string): void {
  place.world.unschedule(rotationDue, (payload) => payload.arn === arn);
}

const rotateDue: EventHandler = (place, payload) => {
  const secret = secretsState(place).secrets[String(payload.arn)];
  if (!secret) return;
  rotate(place, secret, place.world.random.uuid());
  scheduleRotation(place, secret);
};

// Gap: rotation by a Lambda function of the customer's is not simulated.
const rotateSecret: Operation<Checked<Secrets.RotateSecretRequest>, Secrets.RotateSecretResponse> = (input, call) => {
  const secret = liveSecret(call, input.SecretId);
  if (secret.owningService === undefined) {
    throw invalidRequest(
      "You tried to enable rotation on a secret that doesn't already have a Lambda function ARN configured and you " +
        "didn't include such an ARN as a parameter in this call.",
    );
  }
  const versionId = input.ClientRequestToken ?? call.world.random.uuid();
  if (!secret.versions[versionId]) rotate(call, secret, versionId);
  endRotation(call, secret.arn);
  scheduleRotation(call, secret);
  return { ARN: secret.arn, Name: secret.name, VersionId: versionId };
};

function rotate(place: Place, secret: Secret, versionId: string): void {
  const now = versionAt(secret)?.secretString;
  if (now === undefined) return;
  const password = makePassword({ ExcludePunctuation: true }, place.world.random);
  const secretString = JSON.stringify({ ...(JSON.parse(now) as Record<string, unknown>), password });
  addVersion(place, secret, { versionId, secretString });
  secret.rotatedAt = place.now;
}

export const rotationOperations = { RotateSecret: rotateSecret };
export const rotationEvents = { [rotationDue]: rotateDue };
