/** Which operations change something, judged by their verbs as AWS names them. */

// Generated data keys and decoded messages leave nothing behind; temporary credentials neither.
const reading =
  /^(Get|Head|BatchGet|TransactGet|List|Describe|Simulate|Lookup|Search|Query|Scan|Validate|Test|Preview|Check|Assume|Decode|Decrypt|Encrypt|ReEncrypt|Generate|Sign|Verify|DeriveSharedSecret)/;

export const isMutating = (operation: string): boolean => !reading.test(operation);
