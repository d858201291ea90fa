/**
 * Takes what looks like a secret out of a text. Secrets are kept out of messages where they are made; this is for what
 * AWS, a database or a library puts into one, above all by saying back what it was sent.
 */
const patterns: readonly RegExp[] = [
  // A password hash as Redshift takes it: md5 and 32 digits.
  /\bmd5[0-9a-f]{32}\b/gi,
  // "password": "…", PASSWORD '…', and the same with quotes doubled or escaped, inside of another text.
  /(?<=(?:password|sessiontoken|secretaccesskey|authorization)[\\"']*(?:\s*[:=]\s*|\s+)[\\"']+)[^\\"']+/gi,
  /(?<=secretstring[\\"']*\s*[:=]\s*[\\"']+)[^\\"'{][^\\"']*/gi,
  /(?<=\bX-Amz-(?:Security-Token|Signature)=)[^&\s]+/gi,
];

export const withoutSecrets = (text: string): string =>
  patterns.reduce((rest, pattern) => rest.replace(pattern, '[redacted]'), text);
