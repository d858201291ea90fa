/** What can be made to go wrong in the simulator. Light enough for `rsds --help`, which must not load the simulator. */
export const faultKindNames = [
  'throttle',
  'error',
  'lost-request',
  'lost-response',
  'slow',
  'denied',
  'expired',
  'dead',
  'zone-outage',
  'slow-link',
] as const;

export type FaultKindName = (typeof faultKindNames)[number];
