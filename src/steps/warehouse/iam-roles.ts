/** Roles of a namespace: AWS takes ARNs, and gives back text with the state in it (F-662). */
export interface AttachedRole {
  readonly arn: string;
  /** `in-sync` once SQL may use it; `adding` and `removing` before. */
  readonly applyStatus: string;
}

/** `IamRole(applyStatus=in-sync, iamRoleArn=arn:…)`, or the plain ARN. */
export function attachedRole(text: string): AttachedRole {
  const arn = /arn:[\w-]+:iam::\d{12}:role\/[\w+=,.@/-]+/.exec(text)?.[0] ?? text;
  return { arn, applyStatus: /applyStatus=([\w-]+)/.exec(text)?.[1] ?? 'in-sync' };
}
