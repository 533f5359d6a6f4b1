import { makeScratchDir, type S3TestServer, startS3Server } from "@omnigraphdb/testkit";
import { FAILPOINT } from "../../src/failpoints.js";
import type { Graph } from "../../src/graph.js";
import type { GraphSettingsInput } from "../../src/graph-settings.js";
import { initGraph } from "../../src/open/init-graph.js";
import { type RecoveryAudit, RecoveryAuditLog } from "../../src/recovery/recovery-audit.js";
import { StorageError } from "../../src/storage/errors.js";
import { parseRecordId } from "../../src/storage/layout.js";
import { parseS3Environment } from "../../src/storage/s3-settings.js";
import { FaultyObjectStore, type ObjectCall } from "../../test-support/stores/faulty-object-store.js";
import { DIRECT_SCHEMA } from "../../test-support/writes/direct-write.js";
import { SimulatedProcess } from "../../test-support/writes/simulated-process.js";

export const SITES = ["local files", "the S3-compatible server"] as const;

/** A fault of the object store below one process: calls of `operation` on objects below `directory` fail. */
interface ObjectFault {
  readonly operation: ObjectCall["operation"];
  readonly directory: string;
  /** Calls served before the fault, and failed by it. */
  skipCount: number;
  failCount: number;
}

export class InjectedFault extends StorageError {
  constructor(what: string) {
    super("Unknown", `injected: ${what}`);
  }
}

/** A process with a handle, whose object store can be told to fail. */
export class FaultyProcess implements AsyncDisposable {
  readonly process = new SimulatedProcess();
  readonly #faults: ObjectFault[] = [];
  readonly #site: FaultSite;
  #handle: Graph | undefined;

  constructor(site: FaultSite) {
    this.#site = site;
  }

  async open(): Promise<void> {
    const { process } = this;
    await process.open(this.#site.uri, this.#site.settings, {
      wrapObjectStore: (store) =>
        process.changes.wrapObjectStore(
          new FaultyObjectStore(store, (call) => (this.#isFaulty(call) ? { kind: "error", error: new InjectedFault(`${call.operation} fails`) } : undefined)),
        ),
    });
    this.#handle = await process.handle();
  }

  get graph(): Graph {
    if (this.#handle === undefined) throw new Error("not open");
    return this.#handle;
  }

  /** From now on; until `clear`, or for `failCount` calls. */
  fail(operation: ObjectCall["operation"], directory: string, { skipCount = 0, failCount = Number.POSITIVE_INFINITY } = {}): void {
    this.#faults.push({ operation, directory, skipCount, failCount });
  }

  /** The next publish does not reach the manifest. */
  failNextPublish(): void {
    const { failpoints } = this.process;
    failpoints.arm(FAILPOINT.publishBeforeCommit, () => {
      failpoints.disarm(FAILPOINT.publishBeforeCommit);
      throw new InjectedFault("the publish fails");
    });
  }

  clear(): void {
    this.#faults.length = 0;
    this.process.failpoints.disarm(FAILPOINT.publishBeforeCommit);
    delete this.process.hooks.beforeEffect;
  }

  async sidecars(): Promise<readonly string[]> {
    const { objects, layout } = this.process.graph.access;
    return (await objects.listDir(layout.recoveryDirectory)).map(parseRecordId).filter((id) => id !== undefined);
  }

  async audits(): Promise<readonly RecoveryAudit[]> {
    const { objects, layout } = this.process.graph.access;
    return new RecoveryAuditLog(objects, layout, this.process.failpoints).list();
  }

  async auditKinds(): Promise<readonly string[]> {
    return (await this.audits()).map((audit) => audit.recoveryKind);
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.clear();
    return this.process[Symbol.asyncDispose]();
  }

  #isFaulty({ operation, uri }: ObjectCall): boolean {
    const fault = this.#faults.find((item) => item.operation === operation && uri.includes(item.directory) && item.failCount > 0);
    if (fault === undefined) return false;
    if (fault.skipCount > 0) {
      fault.skipCount--;
      return false;
    }
    fault.failCount--;
    return true;
  }
}

/** Where a graph lives, with a graph of `DIRECT_SCHEMA` in it: ann and bob; initech; ann works there. */
export class FaultSite implements AsyncDisposable {
  readonly uri: string;
  readonly settings: GraphSettingsInput;
  readonly #resource: AsyncDisposable;

  private constructor(uri: string, settings: GraphSettingsInput, resource: AsyncDisposable) {
    this.uri = uri;
    this.settings = settings;
    this.#resource = resource;
  }

  static async make(kind: (typeof SITES)[number]): Promise<FaultSite> {
    const site = kind === "local files" ? await FaultSite.#local() : FaultSite.#remote(await startS3Server());
    await initGraph(site.uri, DIRECT_SCHEMA, { settings: site.settings });
    await using first = await site.start();
    const seed = [person("ann", 1), person("bob", 2), company("initech"), worksAt("ann", "initech")];
    await first.graph.load(seed.join("\n"), { mode: "append" });
    return site;
  }

  static async #local(): Promise<FaultSite> {
    const dir = await makeScratchDir();
    return new FaultSite(`${dir.path}/graph`, { stagingDirectory: dir.path }, dir);
  }

  static #remote(server: S3TestServer): FaultSite {
    return new FaultSite("s3://bucket/graph", { s3: parseS3Environment(server.environment) }, server);
  }

  /** A process that has not opened the graph yet. */
  process(): FaultyProcess {
    return new FaultyProcess(this);
  }

  /** A process that has the graph open. */
  async start(): Promise<FaultyProcess> {
    const started = this.process();
    await started.open();
    return started;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve(this.#resource[Symbol.asyncDispose]());
  }
}

export function person(name: string, age: number): string {
  return JSON.stringify({ type: "Person", data: { name, age } });
}

export function company(name: string): string {
  return JSON.stringify({ type: "Company", data: { name } });
}

function worksAt(from: string, to: string): string {
  return JSON.stringify({ edge: "WorksAt", from, to });
}
