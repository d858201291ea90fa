/** Policy documents: the checks IAM makes when one is stored, and whom a trust policy names. */
import { ApiError } from '../../service.ts';
import { asList, isRecord, readDocument, type Statement } from './documents.ts';

const malformed = (message: string) => new ApiError('MalformedPolicyDocumentException', message);

/** As documents travel in IAM's answers: percent-encoded as RFC 3986 has it. F-501 */
export const encodeDocument = (document: string): string =>
  encodeURIComponent(document).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);

/** Refuses a document that IAM would refuse as malformed. F-502 */
export function checkDocument(document: string, kind: 'trust' | 'permissions'): void {
  for (const statement of statementsOf(document)) {
    if (statement.Effect !== 'Allow' && statement.Effect !== 'Deny') throw malformed('Syntax errors in policy.');
    if (statement.Action === undefined && statement.NotAction === undefined) {
      throw malformed('Policy statement must contain actions.');
    }
    if (kind === 'trust') checkTrust(statement);
    else checkPermissions(statement);
  }
}

function checkTrust(statement: Statement): void {
  if (statement.Resource !== undefined || statement.NotResource !== undefined) {
    throw malformed('Has prohibited field Resource');
  }
  if (statement.Principal === undefined && statement.NotPrincipal === undefined) {
    throw malformed('Missing required field Principal');
  }
}

function checkPermissions(statement: Statement): void {
  if (statement.Principal !== undefined || statement.NotPrincipal !== undefined) {
    throw malformed('Policy document should not specify a principal.');
  }
  if (statement.Resource === undefined && statement.NotResource === undefined) {
    throw malformed('Policy statement must contain resources.');
  }
}

function statementsOf(document: string): readonly Statement[] {
  const policy = readDocument(document);
  if (!policy) throw malformed('This policy contains invalid Json');
  const { statements, version } = policy;
  if (version !== undefined && version !== '2012-10-17' && version !== '2008-10-17') {
    throw malformed('The policy failed legacy parsing');
  }
  if (statements.length === 0) throw malformed('Syntax errors in policy.');
  return statements;
}

/** The service principals that a (well-formed) trust policy lets assume its role. */
export function trustedServices(document: string): string[] {
  return statementsOf(document)
    .filter((statement) => statement.Effect === 'Allow' && allowsAssumption(statement.Action))
    .flatMap((statement) => (isRecord(statement.Principal) ? asList(statement.Principal.Service) : []))
    .filter((service) => typeof service === 'string');
}

const allowsAssumption = (action: unknown) =>
  asList(action).some((one) => one === 'sts:AssumeRole' || one === 'sts:*' || one === '*');
