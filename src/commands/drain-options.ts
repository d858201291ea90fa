/** Options of every command that takes consumers out of the load balancer. */
export const drainOptions = {
  drainTimeout: {
    type: 'duration',
    value: 'duration',
    summary: 'how long queries of one that goes may take to end (default 15m); then it stays, and gets no new ones',
  },
  force: { type: 'flag', summary: 'end the sessions and queries of one that goes instead of waiting for them' },
} as const;

/** Of commands by which consumers go for good. */
export const leavingOptions = {
  ...drainOptions,
  snapshot: {
    type: 'flag',
    summary: 'take a snapshot of each that goes, kept for producer.snapshotRetentionDays: of what clients made on it',
  },
} as const;
