/** The administrator's login of a namespace: given by the caller, or kept by Redshift in a secret that it manages. */
import type { Place } from '../../world.ts';
import { createManagedSecret, deleteManagedSecret, managedSecretNameTaken } from '../secretsmanager/managed.ts';
import { conflict, invalid } from './errors.ts';
import type { NamespaceRecord } from './state.ts';

export interface AdminInput {
  readonly adminUsername?: string | undefined;
  readonly adminUserPassword?: string | undefined;
  readonly manageAdminPassword?: boolean | undefined;
  readonly adminPasswordSecretKmsKeyId?: string | undefined;
}

/** F-103: a managed password excludes a given one, and only a managed one has a secret to encrypt. */
export function checkAdmin(input: AdminInput, managed = input.manageAdminPassword ?? false): void {
  const { adminUsername, adminUserPassword, adminPasswordSecretKmsKeyId } = input;
  if (input.manageAdminPassword && adminUserPassword !== undefined) {
    throw invalid("You can't specify adminUserPassword when manageAdminPassword is true.");
  }
  if (adminPasswordSecretKmsKeyId !== undefined && !managed) {
    throw invalid('adminPasswordSecretKmsKeyId needs manageAdminPassword to be true.');
  }
  if (adminUsername !== undefined && !/^[a-zA-Z][a-zA-Z_0-9+.@-]{0,127}$/.test(adminUsername)) {
    throw invalid(`The admin user name ${adminUsername} is not valid.`);
  }
  if (adminUserPassword !== undefined) checkPassword(adminUserPassword);
}

/** F-104: 8 to 64 characters, upper and lower case, a digit, none of / @ " ' \ and blank. */
function checkPassword(password: string): void {
  const complete = /[A-Z]/.test(password) && /[a-z]/.test(password) && /\d/.test(password);
  const plain = /^[!-~]{8,64}$/.test(password) && !/[/@"'\\]/.test(password);
  if (complete && plain) return;
  throw invalid(
    'The admin password must have 8 to 64 printable ASCII characters with an upper-case letter, a lower-case letter and a digit, and none of / @ " \' \\ or space.',
  );
}

/** Makes the secret `redshift!<namespace>-<admin>` with a random password (F-105); returns its ARN. */
export function makeAdminSecret(place: Place, namespace: string, username: string, kmsKeyId?: string): string {
  const name = adminSecretName(namespace, username);
  if (managedSecretNameTaken(place, name)) throw conflict(`A secret named ${name} already exists.`);
  const secretString = JSON.stringify({ username, password: randomPassword(place) });
  return createManagedSecret(place, { name, owningService: 'redshift', secretString, kmsKeyId }).arn;
}

const adminSecretName = (namespace: string, username: string) => `redshift!${namespace}-${username}`;

/** Whether the secret of a namespace deleted a while ago still occupies its name. */
export const adminSecretLingers = (place: Place, namespace: string, username: string): boolean =>
  managedSecretNameTaken(place, adminSecretName(namespace, username));

/** Lets the managed secret go some time after the namespace, or its use of it, has ended (F-106). */
export function releaseAdminSecret(place: Place, namespace: NamespaceRecord): number {
  const lingersMs = place.world.draw('managed-secret.delete');
  if (namespace.adminSecretArn === undefined) return lingersMs;
  place.world.schedule(place, lingersMs, secretReleased, { arn: namespace.adminSecretArn });
  namespace.adminSecretArn = undefined;
  namespace.adminSecretKmsKeyId = undefined;
  return lingersMs;
}

const secretReleased = 'redshift-serverless/admin-secret-released';

export const events = {
  [secretReleased]: (place: Place, payload: Readonly<Record<string, unknown>>) =>
    deleteManagedSecret(place, String(payload.arn)),
};

const letters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789!#$%&()*+,-.:;<=>?[]^_{|}~';

// The fixed ending has what the password rules ask for, whatever the dice say.
function randomPassword(place: Place): string {
  const random = Array.from({ length: 28 }, () => letters[Math.floor(place.world.random.next() * letters.length)]);
  return `${random.join('')}aZ7-`;
}
