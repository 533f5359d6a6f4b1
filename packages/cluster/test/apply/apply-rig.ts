import { Failpoints } from "@omnigraphdb/common";
import { Graph, type S3Settings } from "@omnigraphdb/engine";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { expect } from "vitest";
import { applyCluster } from "../../src/apply/apply-cluster.js";
import type { ApplyOutcome } from "../../src/apply/apply-outcome.js";
import { approveChange } from "../../src/approve/approve-change.js";
import type { Ledger } from "../../src/ledger/ledger.js";
import { isLedgerRead, type LedgerRead, readLedger } from "../../src/ledger/read-ledger.js";
import { importCluster } from "../../src/observe/import.js";
import { refreshCluster } from "../../src/observe/refresh.js";
import { planCluster } from "../../src/preview/plan-cluster.js";
import { readSidecars } from "../../src/recovery/read-sidecars.js";
import type { RecoverySidecar } from "../../src/recovery/recovery-sidecar.js";
import type { ClusterEnvironment } from "../../src/run/cluster-environment.js";
import { type ClusterStore, openClusterStore } from "../../src/storage/cluster-store.js";
import { declareCluster, type DeclaredCluster } from "../../test-support/declare-cluster.js";
import { testEnvironment } from "../../test-support/test-session.js";

export const PERSON = "node Person { name: String @key age: I32? }\n";
/** {@link PERSON} with one property more. */
export const PERSON_WITH_CITY = "node Person { name: String @key age: I32? city: String? }\n";
/** What no migration can make of {@link PERSON}: a required property without a value for the rows that are there. */
export const PERSON_REFUSED = "node Person { name: String @key age: I32? city: String }\n";
export const FIND = "query find($name: String) { match { $p: Person { name: $name } } return { $p.name } }\n";
export const FIND_AGED = "query find($name: String) { match { $p: Person { name: $name } } return { $p.name, $p.age } }\n";
export const LIST = "query list() { match { $p: Person } return { $p.name } }\n";
export const READERS = "version: 1\ngroups: { team: [ann] }\nrules:\n  - id: read\n    allow: { actors: { group: team }, actions: [read] }\n";

/** A configuration directory and a storage root, with the commands bound to them. */
export class TestCluster {
  readonly store: ClusterStore;
  readonly failpoints: Failpoints = new Failpoints();
  readonly #s3: S3Settings | undefined;
  /** May be changed: another checkout of the configuration. */
  configDirectory: string;

  constructor(configDirectory: string, store: ClusterStore, s3?: S3Settings) {
    this.configDirectory = configDirectory;
    this.store = store;
    this.#s3 = s3;
  }

  get root(): string {
    return this.store.layout.root;
  }

  declare(cluster: DeclaredCluster): Promise<void> {
    return declareCluster(this.configDirectory, cluster, this.root);
  }

  environment(given: Partial<ClusterEnvironment> = {}): ClusterEnvironment {
    return testEnvironment({ failpoints: this.failpoints, ...(this.#s3 === undefined ? {} : { s3: this.#s3 }), ...given });
  }

  apply(given: Partial<ClusterEnvironment> = {}, actor = "ann"): Promise<ApplyOutcome> {
    return applyCluster({ configDirectory: this.configDirectory, environment: this.environment(given), actor });
  }

  async import(): Promise<void> {
    const { isOk, diagnostics } = await importCluster({ configDirectory: this.configDirectory, environment: this.environment() });
    expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
    expect(isOk).toBe(true);
  }

  refresh(): ReturnType<typeof refreshCluster> {
    return refreshCluster({ configDirectory: this.configDirectory, environment: this.environment() });
  }

  plan(): ReturnType<typeof planCluster> {
    return planCluster({ configDirectory: this.configDirectory, environment: this.environment() });
  }

  /** @returns the id of the approval */
  async approve(address: string): Promise<string> {
    const { diagnostics, approvalId } = await approveChange({ configDirectory: this.configDirectory, environment: this.environment(), actor: "boss", address });
    expect(diagnostics).toEqual([]);
    return approvalId ?? "";
  }

  /** Declares, imports and applies, which must converge. */
  async converge(cluster: DeclaredCluster): Promise<ApplyOutcome> {
    await this.declare(cluster);
    if ((await readLedger(this.store)) === undefined) await this.import();
    const outcome = await this.apply();
    expect(outcome.diagnostics).toEqual([]);
    expect(outcome.isConverged).toBe(true);
    return outcome;
  }

  async readLedger(): Promise<LedgerRead> {
    const read = await readLedger(this.store);
    if (!isLedgerRead(read)) throw new Error("there is no ledger");
    return read;
  }

  async ledger(): Promise<Ledger> {
    return (await this.readLedger()).ledger;
  }

  async sidecars(): Promise<readonly RecoverySidecar[]> {
    return (await readSidecars(this.store)).pending;
  }

  openGraph(graphId: string, mode: "ro" | "rw" = "ro"): Promise<Graph> {
    return Graph.open(this.store.layout.graphRoot(graphId), { mode, settings: { durability: "process", ...(this.#s3 === undefined ? {} : { s3: this.#s3 }) } });
  }

  /** Fails the next run at this point. */
  failAt(point: string): void {
    this.failpoints.arm(point, () => {
      this.failpoints.disarm(point);
      throw new Error("armed by the test");
    });
  }
}

export async function withTestCluster(run: (cluster: TestCluster, directory: string) => Promise<void>): Promise<void> {
  await using directory = await makeScratchDir();
  const store = await openClusterStore(`${directory.path}/root`, { durability: "process" });
  await run(new TestCluster(`${directory.path}/config`, store), directory.path);
}

/** `code path`, in the order they were found. */
export function codesOf({ diagnostics }: Pick<ApplyOutcome, "diagnostics">): readonly string[] {
  return diagnostics.map(({ code, path }) => `${code} ${path}`);
}

/** `operation address disposition reason`, by address. */
export function changesOf({ changes }: Pick<ApplyOutcome, "changes">): readonly string[] {
  return changes.map(({ resource, operation, disposition, reason }) => [operation, resource, disposition, ...(reason === undefined ? [] : [reason])].join(" "));
}
