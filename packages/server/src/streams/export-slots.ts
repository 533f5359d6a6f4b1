import { ResourceLimitExceededError } from "@omnigraphdb/engine";

/** Exports of one graph that run at the same time (http-api 15.4). */
const SLOTS_PER_GRAPH = 1;

const HINT = "Wait until the running export ends, or end it by closing its connection.";

/** Which graphs are being exported, baselines included: one at a time, and meanwhile neither branches nor the schema change. */
export class ExportSlots {
  readonly #taken = new Set<string>();

  /** @throws ResourceLimitExceededError while another export of the graph runs */
  take(graphId: string): Disposable {
    this.refuseDuringExport(graphId);
    this.#taken.add(graphId);
    let isHeld = true;
    return {
      [Symbol.dispose]: () => {
        if (isHeld) this.#taken.delete(graphId);
        isHeld = false;
      },
    };
  }

  /** Before a branch is created or deleted, or a schema applied. @throws ResourceLimitExceededError */
  refuseDuringExport(graphId: string): void {
    if (this.#taken.has(graphId)) throw new ResourceLimitExceededError("stream_export_slots", SLOTS_PER_GRAPH, SLOTS_PER_GRAPH + 1, HINT, "an export of the graph is running");
  }
}
