/** Faults on demand: what is to go wrong, with which requests, how often. Plain data, as it is sent to the simulator. */

export const requestFaultKinds = [
  'throttle',
  'error',
  'lost-request',
  'lost-response',
  'slow',
  'denied',
  'expired',
] as const;
export const outageKinds = ['dead', 'zone-outage', 'slow-link'] as const;

/**
 * What happens to requests: `throttle`, `error`, `denied` and `expired` are answered in the service's own words, before any effect;
 * `lost-request` cuts the connection before the effect, `lost-response` after it; `slow` holds the request back.
 */
export type RequestFaultKind = (typeof requestFaultKinds)[number];

/**
 * What happens to connections, whatever requests say: a `dead` warehouse does not answer, in a `zone-outage` nothing of
 * a zone does, over a `slow-link` a warehouse answers late.
 */
export type OutageKind = (typeof outageKinds)[number];
export type FaultKind = RequestFaultKind | OutageKind;

export const faultKinds: readonly FaultKind[] = [...requestFaultKinds, ...outageKinds];

export const isOutage = ({ kind }: Pick<Fault, 'kind'>): boolean => (outageKinds as readonly string[]).includes(kind);

export interface Fault {
  readonly kind: FaultKind;
  /** For outages: the name of the workgroup or of the zone. */
  readonly target?: string;
  /** SigV4 signing names; none: every service. */
  readonly services?: readonly string[];
  /** Names of operations, in which `*` stands for anything: `Create*`; none: every operation. */
  readonly operations?: readonly string[];
  /** So many of the requests that it is meant for pass before it begins. */
  readonly after?: number;
  /** Strikes so many times at most. */
  readonly times?: number;
  /** How likely it strikes, from 0 to 1; always by default. */
  readonly probability?: number;
  /** Of the draws; the simulator's own by default. */
  readonly seed?: number;
  /** AWS's time for which `slow` holds a request back, and an answer is late over a `slow-link`, ms. */
  readonly delayMs?: number;
  /** What `error` answers: 500 (default) or 503. */
  readonly status?: number;
}

export type RequestFault = Fault & { readonly kind: RequestFaultKind };

/** A fault that is set. */
export interface SetFault extends Fault {
  readonly id: number;
  /** How many requests it was meant for, and how many of them it struck. */
  readonly met: number;
  readonly struck: number;
}

/** What a fault is asked about. */
export interface Target {
  readonly service: string;
  readonly operation: string;
}

export function isMeantFor(fault: Fault, { service, operation }: Target): boolean {
  const { services = [], operations = [] } = fault;
  if (isOutage(fault)) return false;
  if (services.length > 0 && !services.includes(service)) return false;
  return operations.length === 0 || operations.some((pattern) => matches(pattern, operation));
}

function matches(pattern: string, operation: string): boolean {
  const [first = '', ...rest] = pattern.toLowerCase().split('*');
  const name = operation.toLowerCase();
  if (rest.length === 0) return name === first;
  if (!name.startsWith(first)) return false;
  let from = first.length;
  for (const part of rest.slice(0, -1)) {
    const at = name.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  const last = rest.at(-1) ?? '';
  return name.length - last.length >= from && name.endsWith(last);
}
