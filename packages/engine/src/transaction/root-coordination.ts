import { RunningOperations } from "./running-operations.js";
import type { WriterLease } from "./writer-lease.js";
import { WriteGates } from "./write-gates.js";

/** What the handles of one graph share within one process (URI-7, Q-4). */
export interface RootCoordination {
  readonly gates: WriteGates;
  readonly lease: WriterLease;
  /**
   * Incarnations of the schema locks that this process holds. A registered lock that is not among them belongs to another
   * process, or to a dead one (SA-1b); for its own the gates do (SA-3).
   */
  readonly schemaLocks: Set<string>;
  readonly running: RunningOperations;
  /** Leaves; the last one gives the lease back. */
  leave(): Promise<void>;
}

interface SharedRoot {
  readonly gates: WriteGates;
  readonly lease: WriterLease;
  readonly schemaLocks: Set<string>;
  readonly running: RunningOperations;
  memberCount: number;
}

const sharedRoots = new Map<string, SharedRoot>();

/** @param identity canonical identity of the root, with that of the process where several are simulated */
export function joinRoot(identity: string, makeLease: () => WriterLease): RootCoordination {
  const shared = sharedRoots.get(identity) ?? { gates: new WriteGates(), lease: makeLease(), schemaLocks: new Set<string>(), running: new RunningOperations(), memberCount: 0 };
  sharedRoots.set(identity, shared);
  shared.memberCount++;
  let hasLeft = false;
  return {
    gates: shared.gates,
    lease: shared.lease,
    schemaLocks: shared.schemaLocks,
    running: shared.running,
    async leave(): Promise<void> {
      if (hasLeft) return;
      hasLeft = true;
      shared.memberCount--;
      if (shared.memberCount > 0) return;
      if (sharedRoots.get(identity) === shared) sharedRoots.delete(identity);
      await shared.lease.close();
    },
  };
}
