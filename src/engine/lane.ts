/**
 * The workgroup lane's port: one run at a time creates or updates a workgroup in an account and region, whichever
 * project it belongs to; within the run at most `workgroupConcurrency`. Kept by lock/lane.ts.
 */
export interface LanePass {
  /** As `Lease.check`: to be awaited in the last moment before the mutating call. */
  check(): Promise<void>;
  /**
   * Leaving twice is leaving once. `unsettled`: AWS may still be at the workgroup, e.g. where its task failed while it
   * was CREATING; whoever comes next in this run waits for it first.
   */
  leave(how?: { readonly unsettled: boolean }): Promise<void>;
}

export interface Lane {
  /**
   * Waits for its turn for `workgroup`; within the run the lowest `order` goes first. Rejects with `lock/held` when it
   * waited too long, or when `signal` fires.
   */
  enter(workgroup: string, signal: AbortSignal, order: number): Promise<LanePass>;
}

/** No lane: for runs that create and update no workgroup. */
export const openLane: Lane = {
  enter: async () => ({ check: async () => {}, leave: async () => {} }),
};
