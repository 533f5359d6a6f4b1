import { Failpoints } from "@omnigraphdb/common";
import type { GraphComponents } from "../../src/graph-components.js";
import { type OpenedGraph, openGraph } from "../../src/open/open-graph.js";
import type { WriteCoordinator } from "../../src/transaction/write-coordinator.js";
import { FaultyObjectStore } from "../stores/faulty-object-store.js";
import { type GraphStorageHooks, hookGraphStorage } from "../stores/faulty-graph-storage.js";

/** Thrown at an armed crash point: from then on nothing of the process reaches storage. */
export class SimulatedCrash extends Error {
  override readonly name = "SimulatedCrash";
}

const livingPids = new Set<number>();
let lastPid = 100_000;

/**
 * One writer process, simulated: an identity, gates and a lease of its own. After {@link die} no call of it reaches the
 * storage any more, so clean-up code that a real crash would not run has no effect.
 */
export class SimulatedProcess implements AsyncDisposable {
  readonly pid: number = ++lastPid;
  readonly failpoints = new Failpoints();
  readonly hooks: GraphStorageHooks = {};
  #opened: OpenedGraph | undefined;
  #isDead = false;

  static async start(uri: string, settings: Parameters<typeof openGraph>[1]["settings"] = {}, components: Partial<GraphComponents> = {}): Promise<SimulatedProcess> {
    const started = new SimulatedProcess();
    await started.open(uri, settings, components);
    return started;
  }

  async open(uri: string, settings: Parameters<typeof openGraph>[1]["settings"] = {}, components: Partial<GraphComponents> = {}): Promise<void> {
    livingPids.add(this.pid);
    const refuseWhenDead = (): void => {
      if (this.#isDead) throw new SimulatedCrash("the process is dead");
    };
    const hooks = this.hooks;
    this.#opened = await openGraph(uri, {
      mode: "rw",
      settings: settings ?? {},
      components: {
        failpoints: this.failpoints,
        process: { host: "test-host", pid: this.pid, isAlive: (pid) => livingPids.has(pid) },
        wrapObjectStore: (store) =>
          new FaultyObjectStore(store, () => (this.#isDead ? { kind: "error", error: new SimulatedCrash("the process is dead") } : undefined)),
        wrapStorage: (storage) =>
          hookGraphStorage(storage, {
            beforeEffect: async (effect, location) => {
              refuseWhenDead();
              await hooks.beforeEffect?.(effect, location);
            },
            afterEffect: (effect) => hooks.afterEffect?.(effect),
            beforeMerge: async () => {
              refuseWhenDead();
              await hooks.beforeMerge?.();
            },
            afterMerge: () => hooks.afterMerge?.(),
          }),
        ...components,
      },
    });
  }

  get graph(): OpenedGraph {
    if (this.#opened === undefined) throw new Error("not open");
    return this.#opened;
  }

  get writer(): WriteCoordinator {
    const { writing } = this.graph;
    if (writing === undefined) throw new Error("opened for reading");
    return writing.writer;
  }

  /** Dies when `failpoint` is reached for the `occurrence`-th time. */
  dieAt(failpoint: string, occurrence = 1): void {
    let hitCount = 0;
    this.failpoints.arm(failpoint, () => {
      hitCount++;
      if (hitCount < occurrence) return;
      this.die();
      throw new SimulatedCrash(failpoint);
    });
  }

  die(): void {
    this.#isDead = true;
    livingPids.delete(this.pid);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    livingPids.delete(this.pid);
    await this.#opened?.resources.dispose().catch((error: unknown) => {
      if (!(error instanceof SimulatedCrash)) throw error;
    });
  }
}
