/** Turns violations of an input into the error that the service itself would answer (F-12, F-15, F-16). */
import { ApiError } from '../service.ts';
import { parameterName } from './form.ts';
import type { OperationModel, ServiceModel } from './models.ts';
import { membersOf } from './shapes.ts';
import { type Naming, type Violation, violationsOf } from './violations.ts';

/** Throws the service's own validation error when `input` breaks a rule of the model. */
export function validate(service: ServiceModel, operation: OperationModel, input: unknown): void {
  const naming = service.protocol === 'ec2' ? ec2Naming : commonNaming;
  const violations = violationsOf(service.name, operation.input, input, naming);
  const first = violations[0];
  if (first === undefined) return;
  if (service.protocol === 'ec2') throw ec2Error(first);
  if (service.protocol === 'rest-xml') throw restError(operation, first);
  throw (service.queryCompatible && missingParameters(violations)) || listError(service, violations);
}

/** Members have a small first letter in messages, whatever the wire says (F-12). */
const commonNaming: Naming = {
  member: ({ name }) => name.charAt(0).toLowerCase() + name.slice(1),
  item: (number) => `.${number}.member`,
};

/** EC2 speaks of parameters as they are in the request (F-16). */
const ec2Naming: Naming = {
  member: ({ shape, name }) => parameterName(shape, name, 'ec2'),
  item: (number) => `.${number}`,
};

// EC2 complains of one parameter at a time.
function ec2Error({ kind, path, value, text }: Violation): ApiError {
  if (kind === 'missing') return new ApiError('MissingParameter', `The request must contain the parameter ${path}`);
  return new ApiError('InvalidParameterValue', `Value (${shown(value)}) for parameter ${path} is invalid. ${text}`);
}

/** S3 finds fault with the document as a whole, and with headers and query by what they are (F-953). */
function restError({ input }: OperationModel, { path, value }: Violation): ApiError {
  const head = path.split('.')[0]?.toLowerCase();
  if (path.endsWith('.locationConstraint')) {
    return new ApiError('InvalidLocationConstraint', 'The specified location-constraint is not valid');
  }
  const member = membersOf(input).find(({ name }) => name.toLowerCase() === head);
  if (member?.shape.getMergedTraits().httpPayload) {
    return new ApiError(
      'MalformedXML',
      'The XML you provided was not well-formed or did not validate against our published schema',
    );
  }
  return new ApiError('InvalidArgument', `Invalid ${member?.name ?? path}: ${shown(value)}`);
}

/** CloudWatch has an error of its own for what is missing, a line for each (F-16). */
function missingParameters(violations: readonly Violation[]): ApiError | undefined {
  const missing = violations.filter(({ kind }) => kind === 'missing');
  if (missing.length === 0) return undefined;
  const lines = missing.map(({ path }) => `The parameter ${path.charAt(0).toUpperCase()}${path.slice(1)} is required.`);
  return new ApiError('MissingRequiredParameterException', lines.join('\n'));
}

// Everywhere else AWS lists all faults in one message.
function listError(service: ServiceModel, violations: readonly Violation[]): ApiError {
  const count = violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`;
  const code = service.protocol === 'query' || service.queryCompatible ? 'ValidationError' : 'ValidationException';
  return new ApiError(code, `${count} detected: ${violations.map(describe).join('; ')}`);
}

function describe({ value, path, text, sensitive }: Violation): string {
  const what = value === null ? 'Value null' : sensitive ? 'Value' : `Value '${shown(value)}'`;
  return `${what} at '${path}' failed to satisfy constraint: ${text}`;
}

function shown(value: unknown): string {
  return typeof value === 'object' ? `[${Object.keys(value ?? {}).length} items]` : String(value);
}
