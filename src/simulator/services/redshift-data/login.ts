/** Where a statement runs and as whom: workgroup, database, and the user of a secret or of the caller's own identity. */

import type { DataPlane, Session } from '../../plane/data-plane.ts';
import { SqlError } from '../../plane/sql-error.ts';
import { ApiError, type Call } from '../../service.ts';
import type { Place } from '../../world.ts';
import { findNamespaceById, findWorkgroup, type WarehouseInfo } from '../redshift-serverless/lookup.ts';
import { readSecretString } from '../secretsmanager/managed.ts';

export interface Where {
  readonly WorkgroupName?: string | undefined;
  readonly ClusterIdentifier?: string | undefined;
  readonly Database?: string | undefined;
  readonly SecretArn?: string | undefined;
}

export const invalid = (message: string) => new ApiError('ValidationException', message);

/** The warehouse of a request. Throws what AWS answers before anything is run (F-451). */
export function warehouseOf(call: Call, { WorkgroupName, ClusterIdentifier }: Where): WarehouseInfo {
  if (WorkgroupName !== undefined && ClusterIdentifier !== undefined)
    throw invalid('ClusterIdentifier and WorkgroupName must not both be specified.');
  if (ClusterIdentifier !== undefined) throw invalid("Redshift endpoint doesn't exist in this region.");
  if (WorkgroupName === undefined) throw invalid('Either ClusterIdentifier or WorkgroupName needs to be specified.');
  const found = findWorkgroup(call, WorkgroupName);
  if (!found) throw invalid("Redshift endpoint doesn't exist in this region.");
  if (found.status === 'CREATING' || found.status === 'DELETING')
    throw invalid(`Workgroup ${found.workgroupName} is not available: it is ${found.status}.`);
  return found;
}

export interface Login {
  readonly user: string;
  readonly database: string;
  /** Throws `SqlError` where the warehouse itself refuses: the statement then has FAILED. */
  open(): Session;
}

export function loginOf(call: Call, plane: DataPlane, warehouse: WarehouseInfo, { Database, SecretArn }: Where): Login {
  if (Database === undefined) throw invalid('Database must be specified.');
  const { namespaceId } = warehouse;
  const where = { namespaceId, database: Database };
  if (SecretArn === undefined) {
    const user = iamUser(call.principal.arn);
    return { user, database: Database, open: () => plane.open(call, { ...where, user, make: true }) };
  }
  const credentials = credentialsOf(call, SecretArn);
  const { username: user } = credentials;
  return {
    user,
    database: Database,
    open: () => {
      if (!mayEnter(call, plane, namespaceId, credentials))
        throw new SqlError('28P01', `password authentication failed for user "${user}"`, { severity: 'FATAL' });
      return plane.open(call, { ...where, user });
    },
  };
}

/** F-456: without a secret the database user follows from the caller's identity, with PUBLIC's rights alone. */
function iamUser(arn: string): string {
  const assumed = /:assumed-role\/([^/]+)/.exec(arn)?.[1];
  if (assumed !== undefined) return `IAMR:${assumed}`;
  return `IAM:${arn.split('/').at(-1) ?? 'root'}`;
}

interface Credentials {
  readonly username: string;
  readonly password: string;
}

function credentialsOf(call: Call, secretArn: string): Credentials {
  const text = readSecretString(call, secretArn);
  if (text === undefined) throw invalid(`Secrets Manager can't find the specified secret. (Secret: ${secretArn})`);
  const found = parseCredentials(text);
  if (!found) throw invalid('The secret must be a JSON document with username and password.');
  return found;
}

function parseCredentials(text: string): Credentials | undefined {
  try {
    const { username, password } = JSON.parse(text) as Record<string, unknown>;
    return typeof username === 'string' && typeof password === 'string' ? { username, password } : undefined;
  } catch {
    // Not JSON: the same answer as for JSON without the members.
    return undefined;
  }
}

/** The administrator's password is the one in the namespace's managed secret; all others the namespace itself keeps. */
function mayEnter(call: Call, plane: DataPlane, namespaceId: string, { username, password }: Credentials): boolean {
  const admin = administratorOf(call, namespaceId);
  if (admin?.username === username && admin.password === password) return true;
  return plane.authenticates(call, namespaceId, username, password);
}

/** The administrator's name and present password, where they are kept in a managed secret. */
export function administratorOf(place: Place, namespaceId: string): Credentials | undefined {
  const managed = findNamespaceById(place, namespaceId)?.adminSecretArn;
  return managed === undefined ? undefined : parseCredentials(readSecretString(place, managed) ?? '');
}
