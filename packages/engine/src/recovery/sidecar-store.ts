import type { Failpoints } from "@omnigraphdb/common";
import { FAILPOINT } from "../failpoints.js";
import { type GraphLayout, parseRecordId } from "../storage/layout.js";
import type { ObjectStore } from "../storage/object-store.js";
import { decodeSidecar, encodeSidecar, type Sidecar } from "./sidecar.js";

/** `__recovery/`: one write function and one delete function for every writer (RC-16). */
export class SidecarStore {
  readonly #objects: ObjectStore;
  readonly #layout: GraphLayout;
  readonly #failpoints: Failpoints;

  constructor(objects: ObjectStore, layout: GraphLayout, failpoints: Failpoints) {
    this.#objects = objects;
    this.#layout = layout;
    this.#failpoints = failpoints;
  }

  /** Puts the sidecar with one atomic write: the first time (phase A), and once more to confirm its effects. */
  async write(sidecar: Sidecar): Promise<void> {
    await this.#failpoints.hit(sidecar.phase === "armed" ? FAILPOINT.sidecarWrite : FAILPOINT.sidecarConfirm);
    await this.#objects.writeText(this.#layout.recoverySidecar(sidecar.operationId), encodeSidecar(sidecar));
  }

  async delete(operationId: string): Promise<void> {
    await this.#failpoints.hit(FAILPOINT.sidecarDelete);
    await this.#objects.delete(this.#layout.recoverySidecar(operationId));
  }

  /** Operation ids of all sidecars, oldest first (RC-15). One listing. */
  async list(): Promise<readonly string[]> {
    await this.#failpoints.hit(FAILPOINT.sidecarList);
    const uris = await this.#objects.listDir(this.#layout.recoveryDirectory);
    return uris
      .map(parseRecordId)
      .filter((id) => id !== undefined)
      .sort();
  }

  /** All sidecars, oldest first, each as it is when its turn comes. @throws SidecarUnreadableError */
  async *readAll(): AsyncGenerator<Sidecar, void, void> {
    for (const operationId of await this.list()) {
      const sidecar = await this.find(operationId);
      if (sidecar !== undefined) yield sidecar;
    }
  }

  /**
   * Undefined when it vanished since it was listed (RC-15).
   *
   * @throws SidecarUnreadableError
   */
  async find(operationId: string): Promise<Sidecar | undefined> {
    const text = await this.#objects.readTextIfExists(this.#layout.recoverySidecar(operationId));
    return text === null ? undefined : decodeSidecar(operationId, text);
  }
}
