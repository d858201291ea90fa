/** The option of every verb that takes the locks. */
export const lockWait = {
  type: 'duration',
  value: 'duration',
  summary: 'how long to wait for another run, e.g. 30m, 90s, or 0 (default: lock.waitMinutes of rsds.yaml)',
} as const;
