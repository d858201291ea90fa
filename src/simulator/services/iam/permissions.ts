/**
 * What the policies of an instance's role allow it (F-595). Only for sessions of instances: everybody else in the account
 * may do everything.
 */
import { ApiError, type Call } from '../../service.ts';
import { asList, readDocument, type Statement } from './documents.ts';
import { iamState, type Role } from './state.ts';

/** Errors: `AccessDeniedException` where the caller is an instance whose role has no policy for it. */
export function refuseInstance(call: Call, action: string, resource: string): void {
  const [, roleName] = /:assumed-role\/([^/]+)\/i-[0-9a-f]+$/.exec(call.principal.arn) ?? [];
  if (roleName === undefined) return;
  const role = iamState(call).roles[roleName];
  if (role && allows(role, action, resource)) return;
  const what = `User: ${call.principal.arn} is not authorized to perform: ${action} on resource: ${resource}`;
  throw new ApiError('AccessDeniedException', `${what} because no identity-based policy allows the ${action} action`);
}

/** By its own policies. Of AWS's managed ones, that of Systems Manager's agents allows nothing that is asked here (F-594). */
function allows({ inlinePolicies, attachedPolicies }: Role, action: string, resource: string): boolean {
  if (attachedPolicies.some((arn) => arn.endsWith('/AdministratorAccess'))) return true;
  const statements = Object.values(inlinePolicies).flatMap((document) => readDocument(document)?.statements ?? []);
  const meant = statements.filter((statement) => covers(statement, action, resource));
  return meant.some(({ Effect }) => Effect === 'Allow') && !meant.some(({ Effect }) => Effect === 'Deny');
}

const covers = ({ Action, Resource }: Statement, action: string, resource: string) =>
  asList(Action).some((pattern) => matches(String(pattern).toLowerCase(), action.toLowerCase())) &&
  asList(Resource).some((pattern) => matches(String(pattern), resource));

function matches(pattern: string, text: string): boolean {
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 's').test(text);
}
