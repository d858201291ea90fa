/** Secrets that another service keeps for its customer, such as Redshift's admin passwords. */
import type { Place } from '../../world.ts';
import { endRotation, scheduleRotation } from './rotation.ts';
import { findSecret, secretsState, versionAt } from './state.ts';
import { addVersion, makeSecret } from './versions.ts';

/** Creates a secret owned by a service, outside the caller's reach: it can be read, not changed or deleted. F-546 */
export function createManagedSecret(
  place: Place,
  spec: { name: string; owningService: string; secretString: string; kmsKeyId?: string | undefined },
): { arn: string } {
  const { name, owningService, kmsKeyId, secretString } = spec;
  const tags = [{ key: 'aws:secretsmanager:owningService', value: owningService }];
  const secret = makeSecret(place, { name, owningService, kmsKeyId, tags });
  addVersion(place, secret, { versionId: place.world.random.uuid(), secretString });
  secret.rotatedAt = place.now;
  scheduleRotation(place, secret);
  return { arn: secret.arn };
}

/** Removes a managed secret at once; how long its name stays taken before that is the owning service's business. */
export function deleteManagedSecret(place: Place, arn: string): void {
  endRotation(place, arn);
  delete secretsState(place).secrets[arn];
}

/** Whether a secret of that name is there, scheduled for deletion or not. */
export function managedSecretNameTaken(place: Place, name: string): boolean {
  return Object.values(secretsState(place).secrets).some((secret) => secret.name === name);
}

/** The current value of a secret as text; undefined when there is no such secret, or it is scheduled for deletion. */
export function readSecretString(place: Place, idOrArn: string): string | undefined {
  const secret = findSecret(place, idOrArn);
  return secret && secret.deletedAt === undefined ? versionAt(secret)?.secretString : undefined;
}
