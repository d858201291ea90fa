/** The option of the verbs that can go on without the ledger. */
export const rebuildLedger = {
  type: 'flag',
  summary: 'make the ledger anew from tags and names; the old one is kept beside it',
} as const;
