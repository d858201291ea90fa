/** Turns violations of an input into the error that the service itself would answer (F-12, F-15, F-16). */
import { ApiError } from '../service.ts';
import { type Violation, violationsOf } from './constraints.ts';
import type { OperationModel, ServiceModel } from './models.ts';

/** Throws the service's own validation error when `input` breaks a rule of the model. */
export function validate(service: ServiceModel, operation: OperationModel, input: unknown): void {
  const violations = violationsOf(service.name, operation.input, input);
  const first = violations[0];
  if (first === undefined) return;
  throw service.protocol === 'ec2' ? ec2Error(first) : listError(service, violations);
}

// EC2 complains of one parameter at a time.
function ec2Error(violation: Violation): ApiError {
  if (violation.kind === 'missing')
    return new ApiError('MissingParameter', `The request must contain the parameter ${ec2Path(violation.path)}`);
  const value = shown(violation.value);
  const text = `Value (${value}) for parameter ${ec2Path(violation.path)} is invalid. ${violation.constraint}`;
  return new ApiError('InvalidParameterValue', text);
}

const ec2Path = (path: string) => path.replace(/\.member\b/g, '');

// Everywhere else AWS lists all faults in one message.
function listError(service: ServiceModel, violations: readonly Violation[]): ApiError {
  const count = violations.length === 1 ? '1 validation error' : `${violations.length} validation errors`;
  const text = `${count} detected: ${violations.map(describe).join('; ')}`;
  return new ApiError(
    service.protocol === 'query' || service.queryCompatible ? 'ValidationError' : 'ValidationException',
    text,
  );
}

function describe({ value, path, constraint, sensitive }: Violation): string {
  const what = value === null ? 'Value null' : sensitive ? 'Value' : `Value '${shown(value)}'`;
  return `${what} at '${path}' failed to satisfy constraint: ${constraint}`;
}

function shown(value: unknown): string {
  return typeof value === 'object' ? `[${Object.keys(value ?? {}).length} items]` : String(value);
}
