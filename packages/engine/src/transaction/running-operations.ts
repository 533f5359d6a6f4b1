/** Mutations and loads of this process between their sidecar and their end, shared by all handles of a graph. */
export class RunningOperations {
  readonly #ids = new Set<string>();
  #unsettledCount = 0;

  /** Disposing the result ends the operation. */
  begin(operationId: string): Disposable {
    this.#ids.add(operationId);
    return { [Symbol.dispose]: (): void => void this.#ids.delete(operationId) };
  }

  /** Then its sidecar is that of a live writer, and recovery has no business with it (RC-87). */
  has(operationId: string): boolean {
    return this.#ids.has(operationId);
  }

  /** An operation ended and left its sidecar behind. */
  noteUnsettled(): void {
    this.#unsettledCount++;
  }

  /** How many did: whoever settled the sidecars when it was less has to do it again. */
  get unsettledCount(): number {
    return this.#unsettledCount;
  }
}
