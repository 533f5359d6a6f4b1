import { hostname } from "node:os";
import { type Authorizer, type Clock, Failpoints, type IdSource, type Logger, type Pacer, randomIds, silentLogger, systemClock, systemPacer } from "@omnigraphdb/common";
import { type MakeEmbedder, missingEmbedder } from "./embedding/embedder.js";
import type { GraphStorage } from "./storage/dataset-gateway.js";
import type { ObjectStore } from "./storage/object-store.js";

/** Who we are among the processes that may write to a graph, and whether another one on this host still lives. */
export interface ProcessIdentity {
  readonly host: string;
  readonly pid: number;
  isAlive(pid: number): boolean;
}

/** Everything swappable of one graph handle. What a caller leaves out is the production default. */
export interface GraphComponents {
  /** Time of commits and of `now()`. */
  readonly clock: Clock;
  /** Wall clock of the writer lease: shared with other processes, so never a hand-moved one outside lease tests. */
  readonly leaseClock: Clock;
  /** Measures queries, and lets other work of the process run beside them. */
  readonly pacer: Pacer;
  readonly ids: IdSource;
  readonly logger: Logger;
  readonly failpoints: Failpoints;
  readonly process: ProcessIdentity;
  /** Turns text into vectors: for `nearest` with text and for loads that embed. */
  readonly embedder: MakeEmbedder;
  /** Asked before every write whether its actor may do it (PO-3). Default: none, and nothing is asked. */
  readonly authorizer?: Authorizer;
  /** Wraps the object store of the root, for instrumentation and fault injection. */
  readonly wrapObjectStore: (store: ObjectStore) => ObjectStore;
  /** Wraps the datasets and the manifest of the root, for instrumentation and fault injection. */
  readonly wrapStorage: (storage: GraphStorage) => GraphStorage;
}

const thisProcess: ProcessIdentity = {
  host: hostname(),
  pid: process.pid,
  isAlive(pid: number): boolean {
    try {
      process.kill(pid, 0);
      return true;
    } catch (error) {
      // EPERM: it lives, and belongs to somebody else.
      return (error as NodeJS.ErrnoException).code === "EPERM";
    }
  },
};

export function completeComponents(given: Partial<GraphComponents> = {}): GraphComponents {
  return {
    clock: systemClock,
    leaseClock: systemClock,
    pacer: systemPacer,
    ids: randomIds,
    logger: silentLogger,
    failpoints: new Failpoints(),
    process: thisProcess,
    embedder: missingEmbedder,
    wrapObjectStore: (store) => store,
    wrapStorage: (storage) => storage,
    ...given,
  };
}
