/**
 * What is to be tried as a client of an environment, and what came of it: plain data, because it is carried out here or
 * by a script on an instance inside the VPC.
 */

/** Where and as whom to connect. The password is not part of it: each vantage point gets it in its own way. */
export interface ProbeTarget {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** Secrets Manager's name of the secret that has the password under `password`. */
  readonly secret: string;
  /** The certificate should be for `host`; false behind a load balancer, where it names the warehouse (F-609). */
  readonly certified?: boolean;
}

/** New connections, each taken as far as it gets. */
export interface ConnectionPlan {
  readonly kind: 'connections';
  readonly target: ProbeTarget;
  readonly connections: number;
  /** How many of them at once. */
  readonly parallel: number;
  /** Reads a shared table; undefined where there is none. */
  readonly tableSql: string | undefined;
  /** Real ms for each layer. */
  readonly timeoutMs: number;
  /** Real ms more for login and queries: a warehouse that sleeps wakes first (F-457). */
  readonly wakeMs?: number;
}

/** Clients that connect, query, leave and come back. */
export interface LoadPlan {
  readonly kind: 'load';
  readonly target: ProbeTarget;
  readonly connections: number;
  readonly seconds: number;
  readonly sql: string;
  /** Queries on a connection before it is closed and opened anew; 0 keeps it open. */
  readonly queriesPerConnection: number;
  /** Real ms between two queries of a connection. */
  readonly pauseMs: number;
  readonly timeoutMs: number;
  /** As in a plan of connections. */
  readonly wakeMs?: number;
}

/** The layers of a connection, in the order in which they are passed. */
export const layers = ['dns', 'tcp', 'tls', 'login', 'identity', 'table'] as const;
export type Layer = (typeof layers)[number];

export interface ProbeError {
  /** SQLSTATE, or the system's code (ECONNREFUSED, ETIMEDOUT …). */
  readonly code: string;
  readonly message: string;
}

/** One connection: how long each layer took that it passed, and where it ended. */
export interface Attempt {
  readonly ms: Readonly<Partial<Record<Layer, number>>>;
  /** The consumer that answered (`current_namespace`), once that is known. */
  readonly namespaceId?: string | undefined;
  /** The layer that failed; absent when all were passed. */
  readonly failed?: { readonly layer: Layer; readonly error: ProbeError } | undefined;
}

export interface ConnectionReport {
  readonly kind: 'connections';
  readonly attempts: readonly Attempt[];
}

/** What a load did in one second of its time. */
export interface LoadSecond {
  /** From the load's begin. */
  readonly second: number;
  /** Open connections by consumer's namespace id, at the second's end. */
  readonly open: Readonly<Record<string, number>>;
  /** Queries that were answered, by namespace id. */
  readonly queries: Readonly<Record<string, number>>;
  readonly errors: number;
}

export interface LoadError extends ProbeError {
  readonly layer: Layer | 'query';
  /** When it first happened, seconds from the load's begin. */
  readonly firstAt: number;
  readonly namespaceId?: string | undefined;
  readonly count: number;
}

export interface LoadReport {
  readonly kind: 'load';
  readonly opened: number;
  readonly queries: number;
  readonly errors: readonly LoadError[];
  /** Latencies of queries in ms by namespace id, as counts by upper bound of their bucket. */
  readonly latencies: Readonly<Record<string, Readonly<Record<number, number>>>>;
  readonly seconds: readonly LoadSecond[];
}

export type ProbePlan = ConnectionPlan | LoadPlan;
export type ProbeReport = ConnectionReport | LoadReport;

/** Somewhere to connect from. */
export interface Vantage {
  /** `this machine`, or an instance's id. */
  readonly name: string;
  connections(plan: ConnectionPlan, signal: AbortSignal): Promise<ConnectionReport>;
  /** `onSecond` is told of each second that has passed, where that can be seen while it runs. */
  load(plan: LoadPlan, signal: AbortSignal, onSecond?: (second: LoadSecond) => void): Promise<LoadReport>;
  /** Takes away what was made for it. Safe to call twice. */
  close(): Promise<void>;
}
