import type { ObjectStore, VersionedText } from "../../src/storage/object-store.js";

export type ObjectOperation = Exclude<keyof ObjectStore, "probeCreateIfAbsent" | "probeConditionalReplace">;

export interface ObjectCall {
  readonly operation: ObjectOperation;
  readonly uri: string;
  /** 1 for the first call of this operation. */
  readonly count: number;
}

export type ObjectFault =
  /** Nothing happens; the call fails. */
  | { readonly kind: "error"; readonly error: Error }
  /** The work is done, then the call fails: "it landed, but the answer was lost". */
  | { readonly kind: "replyLost"; readonly error: Error }
  /** The call waits for this promise first. */
  | { readonly kind: "delay"; readonly until: Promise<void> }
  /** Only for `listDir`: leaves out the entries that the predicate rejects, as a torn listing does. */
  | { readonly kind: "torn"; readonly keep: (uri: string) => boolean };

/** Passes every call to `inner` unless `decide` names a fault for it. Counts the calls per operation. */
export class FaultyObjectStore implements ObjectStore {
  readonly #inner: ObjectStore;
  readonly #decide: (call: ObjectCall) => ObjectFault | undefined;
  readonly #counts = new Map<ObjectOperation, number>();

  constructor(inner: ObjectStore, decide: (call: ObjectCall) => ObjectFault | undefined = () => undefined) {
    this.#inner = inner;
    this.#decide = decide;
  }

  /** Calls per operation so far. */
  get counts(): ReadonlyMap<ObjectOperation, number> {
    return this.#counts;
  }

  readText(uri: string): Promise<string> {
    return this.#call("readText", uri, () => this.#inner.readText(uri));
  }

  readTextIfExists(uri: string): Promise<string | null> {
    return this.#call("readTextIfExists", uri, () => this.#inner.readTextIfExists(uri));
  }

  writeText(uri: string, text: string): Promise<void> {
    return this.#call("writeText", uri, () => this.#inner.writeText(uri, text));
  }

  writeTextIfAbsent(uri: string, text: string): Promise<boolean> {
    return this.#call("writeTextIfAbsent", uri, () => this.#inner.writeTextIfAbsent(uri, text));
  }

  readVersioned(uri: string): Promise<VersionedText | null> {
    return this.#call("readVersioned", uri, () => this.#inner.readVersioned(uri));
  }

  replaceIfVersion(uri: string, text: string, version: string): Promise<boolean> {
    return this.#call("replaceIfVersion", uri, () => this.#inner.replaceIfVersion(uri, text, version));
  }

  deletePrefix(uri: string): Promise<void> {
    return this.#call("deletePrefix", uri, () => this.#inner.deletePrefix(uri));
  }

  delete(uri: string): Promise<void> {
    return this.#call("delete", uri, () => this.#inner.delete(uri));
  }

  exists(uri: string): Promise<boolean> {
    return this.#call("exists", uri, () => this.#inner.exists(uri));
  }

  renameText(from: string, to: string): Promise<void> {
    return this.#call("renameText", from, () => this.#inner.renameText(from, to));
  }

  listDir(uri: string): Promise<readonly string[]> {
    return this.#call("listDir", uri, () => this.#inner.listDir(uri));
  }

  removeResidue(directoryUri: string, beforeMs: number): Promise<number> {
    return this.#call("removeResidue", directoryUri, () => this.#inner.removeResidue(directoryUri, beforeMs));
  }

  probeCreateIfAbsent(root: string): Promise<void> {
    return this.#inner.probeCreateIfAbsent(root);
  }

  probeConditionalReplace(root: string): Promise<void> {
    return this.#inner.probeConditionalReplace(root);
  }

  async #call<T>(operation: ObjectOperation, uri: string, run: () => Promise<T>): Promise<T> {
    const count = (this.#counts.get(operation) ?? 0) + 1;
    this.#counts.set(operation, count);
    const fault = this.#decide({ operation, uri, count });
    if (fault?.kind === "error") throw fault.error;
    if (fault?.kind === "delay") await fault.until;
    const result = await run();
    if (fault?.kind === "replyLost") throw fault.error;
    if (fault?.kind === "torn" && Array.isArray(result)) return (result as string[]).filter(fault.keep) as T;
    return result;
  }
}
