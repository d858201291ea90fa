/** The two policies of the role, as JSON text. Pure. */
import { isDeepStrictEqual } from 'node:util';

const version = '2012-10-17';

/** Namespaces assume it as one principal or the other (F-672). */
export function trustPolicy(): string {
  const Service = ['redshift.amazonaws.com', 'redshift-serverless.amazonaws.com'];
  return JSON.stringify({
    Version: version,
    Statement: [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole' }],
  });
}

/** Undefined where no bucket is listed: then the role may do nothing. */
export function bucketPolicy(buckets: readonly string[], region: string): string | undefined {
  if (buckets.length === 0) return undefined;
  const arns = buckets.map((bucket) => `arn:${partitionOf(region)}:s3:::${bucket}`);
  return JSON.stringify({
    Version: version,
    Statement: [
      { Sid: 'Objects', Effect: 'Allow', Action: 's3:GetObject', Resource: arns.map((arn) => `${arn}/*`) },
      { Sid: 'Buckets', Effect: 'Allow', Action: ['s3:ListBucket', 's3:GetBucketLocation'], Resource: arns },
    ],
  });
}

/** Whether two documents say the same, whatever the order of their members and of their lists. */
export function samePolicy(one: string, other: string): boolean {
  return isDeepStrictEqual(normal(parsed(one)), normal(parsed(other)));
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not a document at all, so it says nothing that ours says.
    return undefined;
  }
}

/** IAM takes `"a"` for `["a"]`, and gives back either. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.length === 1 ? normal(value[0]) : value.map(normal).sort(byText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, normal(inner)]));
}

const byText = (one: unknown, other: unknown) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);

export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
