/** Where a statement runs and as whom: workgroup, database, and the user of a secret or of the caller's own identity. */

import type { DataPlane, Session } from '../../plane/data-plane.ts';
import { SqlError } from '../../plane/sql-error.ts';
import { ApiError, type Call } from '../../service.ts';
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
  if (ClusterIdentifier !== undefined) throw invalid(`Redshift endpoint doesn't exist in this region.`);
  if (WorkgroupName === undefined) throw invalid('Either ClusterIdentifier or WorkgroupName must be specified.');
  const found = findWorkgroup(call, WorkgroupName);
  if (!found) throw invalid(`Redshift endpoint doesn't exist in this region.`);
  if (found.status === 'CREATING' || found.status === 'DELETING')
    throw invalid(`Workgroup ${found.workgroupName} is not available: it is ${found.status}.`);
  return found;
}

export interface Login {
  readonly user: string;
  /** Throws `SqlError` where the warehouse itself refuses: the statement then has FAILED. */
  open(): Session;
}

export function loginOf(call: Call, plane: DataPlane, warehouse: WarehouseInfo, { Database, SecretArn }: Where): Login {
  if (Database === undefined) throw invalid('Database must be specified.');
  const { namespaceId } = warehouse;
  if (SecretArn === undefined) {
    const user = iamUser(call.principal.arn);
    return { user, open: () => plane.open(call, { namespaceId, database: Database, user, make: true }) };
  }
  const { username, password } = credentialsOf(call, SecretArn);
  return {
    user: username,
    open: () => {
      if (!mayEnter(call, plane, { namespaceId, secretArn: SecretArn, username, password })) {
        throw new SqlError('28P01', `password authentication failed for user "${username}"`, { severity: 'FATAL' });
      }
      return plane.open(call, { namespaceId, database: Database, user: username });
    },
  };
}

/** F-456: without a secret the database user follows from the caller's identity, with PUBLIC's rights alone. */
function iamUser(arn: string): string {
  const assumed = /:assumed-role\/([^/]+)/.exec(arn)?.[1];
  if (assumed !== undefined) return `IAMR:${assumed}`;
  return `IAM:${arn.split('/').at(-1) ?? 'root'}`;
}

function credentialsOf(call: Call, secretArn: string): { username: string; password: string } {
  const text = readSecretString(call, secretArn);
  if (text === undefined) throw invalid(`Secrets Manager can't find the specified secret. (Secret: ${secretArn})`);
  try {
    const { username, password } = JSON.parse(text) as Record<string, unknown>;
    if (typeof username === 'string' && typeof password === 'string') return { username, password };
  } catch {
    // Not JSON: the same answer as for JSON without the members.
  }
  throw invalid('The secret must be a JSON document with username and password.');
}

interface Entry {
  readonly namespaceId: string;
  readonly secretArn: string;
  readonly username: string;
  readonly password: string;
}

/** The namespace's own managed secret opens it; any other has to know a password that the namespace knows. */
function mayEnter(call: Call, plane: DataPlane, { namespaceId, secretArn, username, password }: Entry): boolean {
  if (findNamespaceById(call, namespaceId)?.adminSecretArn === secretArn) return true;
  return plane.authenticates(call, namespaceId, username, password);
}
