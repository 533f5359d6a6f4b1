import type { Failpoints } from "@omnigraphdb/common";
import { Graph } from "../../src/graph.js";
import type { GraphComponents } from "../../src/graph-components.js";
import type { GraphSettingsInput } from "../../src/graph-settings.js";
import { type OpenedGraph, openGraph } from "../../src/open/open-graph.js";
import type { WriteCoordinator } from "../../src/transaction/write-coordinator.js";
import { type GraphStorageHooks, hookGraphStorage } from "../stores/faulty-graph-storage.js";
import { SimulatedCrash, StorageChanges } from "./storage-changes.js";

const livingPids = new Set<number>();
let lastPid = 100_000;

/**
 * One writer process, simulated: an identity, gates and a lease of its own. After {@link die} no call of it reaches the
 * storage any more, so clean-up code that a real crash would not run has no effect.
 */
export class SimulatedProcess implements AsyncDisposable {
  readonly pid: number = ++lastPid;
  /** What it does to storage, and where it is interrupted. */
  readonly changes: StorageChanges = new StorageChanges(() => livingPids.delete(this.pid));
  readonly hooks: GraphStorageHooks = {};
  readonly #handles: Graph[] = [];
  #opened: OpenedGraph | undefined;
  #reopen: () => Promise<Graph> = () => Promise.reject(new Error("not open"));

  static async start(uri: string, settings: GraphSettingsInput = {}, components: Partial<GraphComponents> = {}): Promise<SimulatedProcess> {
    const started = new SimulatedProcess();
    await started.open(uri, settings, components);
    return started;
  }

  async open(uri: string, settings: GraphSettingsInput = {}, components: Partial<GraphComponents> = {}): Promise<void> {
    livingPids.add(this.pid);
    const { changes, hooks } = this;
    const options = {
      mode: "rw",
      // A simulated death takes no power away: syncing would only take time.
      settings: { durability: "process", ...settings },
      components: {
        failpoints: changes.failpoints,
        process: { host: "test-host", pid: this.pid, isAlive: (pid) => livingPids.has(pid) },
        wrapObjectStore: (store) => changes.wrapObjectStore(store),
        wrapStorage: (storage) =>
          hookGraphStorage(changes.wrapStorage(storage), {
            beforeEffect: async (effect, location) => {
              changes.refuseWhenDead();
              await hooks.beforeEffect?.(effect, location);
            },
            afterEffect: (effect) => hooks.afterEffect?.(effect),
            beforeMerge: () => hooks.beforeMerge?.(),
            afterMerge: () => hooks.afterMerge?.(),
          }),
        ...components,
      } satisfies Partial<GraphComponents>,
    } as const;
    this.#reopen = () => Graph.open(uri, options);
    this.#opened = await openGraph(uri, options);
  }

  get failpoints(): Failpoints {
    return this.changes.failpoints;
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

  /** A handle of this process with the whole API, closed with it. */
  async handle(): Promise<Graph> {
    const handle = await this.#reopen();
    this.#handles.push(handle);
    return handle;
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
    this.changes.die();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    livingPids.delete(this.pid);
    for (const close of [...this.#handles.map((handle) => () => handle.close()), () => this.#opened?.resources.dispose()]) {
      await close()?.catch((error: unknown) => {
        if (!(error instanceof SimulatedCrash)) throw error;
      });
    }
  }
}
