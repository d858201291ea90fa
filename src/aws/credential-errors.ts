/** Failures to get credentials, which the SDK tells apart only by text, and what to type against each (F-650). */
import type { ErrorCode } from '../shared/codes.ts';

export interface CredentialFailure {
  readonly kind: 'expired' | 'credentials';
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** Undefined when `error` has nothing to do with getting credentials. */
export function credentialFailure(error: unknown, profile: string | undefined): CredentialFailure | undefined {
  const { name, message } = error as { name?: string; message?: string };
  if (!/^(CredentialsProviderError|TokenProviderError|ProviderError)$/.test(name ?? '')) return undefined;
  const text = message ?? '';
  return ssoFailure(text, profile) ?? mfaFailure(text, profile) ?? nothingFound(text, profile);
}

function ssoFailure(text: string, profile: string | undefined): CredentialFailure | undefined {
  if (!/\bsso\b/i.test(text)) return undefined;
  const login = `aws sso login${profile === undefined ? '' : ` --profile ${profile}`}`;
  const never = /not found or is invalid/i.test(text) && !/expired/i.test(text);
  return {
    kind: 'expired',
    code: 'aws/expired-credentials',
    message: `the SSO session ${never ? 'does not exist or is no longer valid' : 'has expired'}${of(profile)}`,
    hint: `run \`${login}\`, then the same command again`,
  };
}

function mfaFailure(text: string, profile: string | undefined): CredentialFailure | undefined {
  if (!/multi-factor|MFA/.test(text)) return undefined;
  return {
    kind: 'credentials',
    code: 'aws/no-credentials',
    message: `a multi-factor code is needed${of(profile)}, and there is no terminal to ask for it`,
    hint: 'run it in a terminal, or get a session first and pass its keys in the environment',
  };
}

function nothingFound(text: string, profile: string | undefined): CredentialFailure {
  if (profile !== undefined && /could not (load|be found|resolve)|not found|any providers/i.test(text)) {
    return {
      kind: 'credentials',
      code: 'aws/profile',
      message: `no credentials were found for the profile "${profile}"`,
      hint: 'look with `aws configure list-profiles`; pass --profile, or set AWS_PROFILE',
    };
  }
  return {
    kind: 'credentials',
    code: 'aws/no-credentials',
    message: `no AWS credentials were found${of(profile)}`,
    hint: 'run `aws configure sso`, set AWS_PROFILE, or try the same with --sim',
  };
}

const of = (profile: string | undefined) => (profile === undefined ? '' : ` for the profile "${profile}"`);
