import { parseResourceAddress } from "../resource-address.js";
import { composeGraphs } from "./composites.js";
import { encodeLedger } from "./encode-ledger.js";
import type { ApprovalRecord, ExternalBlobPolicy, Ledger, LedgerResource, Observation, RecoveryRecord, ResourceStatus } from "./ledger.js";

/** What a graph is bound to, besides its schema and queries. An absent member means none. */
export interface GraphBindings {
  /** Address. */
  readonly embeddingProvider?: string;
  readonly externalBlobPolicy?: ExternalBlobPolicy;
}

export type Tombstone = Extract<Observation, { kind: "tombstone" }>;

/** The next ledger while a command works it out: the recorded one, with changes. Written once, at the end (cluster.md 6.5). */
export class LedgerDraft {
  readonly #base: Ledger | undefined;
  #configDigest: string | null;
  readonly #resources: Map<string, LedgerResource>;
  readonly #statuses: Map<string, ResourceStatus>;
  readonly #approvals: Map<string, ApprovalRecord>;
  readonly #recoveries: Map<string, RecoveryRecord>;
  readonly #observations: Map<string, Observation>;

  /** @param base undefined: the first ledger of a cluster */
  constructor(base: Ledger | undefined) {
    this.#base = base;
    this.#configDigest = base?.configDigest ?? null;
    this.#resources = new Map(base?.resources);
    this.#statuses = new Map(base?.statuses);
    this.#approvals = new Map(base?.approvals);
    this.#recoveries = new Map(base?.recoveries);
    this.#observations = new Map(base?.observations);
  }

  /** The draft as it stands, like the maps below: they follow later changes. */
  get resources(): ReadonlyMap<string, LedgerResource> {
    return this.#resources;
  }

  get statuses(): ReadonlyMap<string, ResourceStatus> {
    return this.#statuses;
  }

  get observations(): ReadonlyMap<string, Observation> {
    return this.#observations;
  }

  get approvals(): ReadonlyMap<string, ApprovalRecord> {
    return this.#approvals;
  }

  /** Replaces the whole entry. The digest of a graph is worked out from its parts and may be empty here. */
  setResource(address: string, resource: LedgerResource): void {
    this.#resources.set(address, resource);
  }

  /** Removes the entry; its status stays. */
  removeResource(address: string): void {
    this.#resources.delete(address);
  }

  setStatus(address: string, status: ResourceStatus): void {
    this.#statuses.set(address, status);
  }

  clearStatus(address: string): void {
    this.#statuses.delete(address);
  }

  setObservation(address: string, observation: Observation): void {
    this.#observations.set(address, observation);
  }

  addRecovery(operationId: string, record: RecoveryRecord): void {
    this.#recoveries.set(operationId, record);
  }

  addApproval(approvalId: string, record: ApprovalRecord): void {
    this.#approvals.set(approvalId, record);
  }

  /** Only a converged run says so (cluster.md 11.6). */
  setConfigDigest(configDigest: string | null): void {
    this.#configDigest = configDigest;
  }

  /** Graph, schema and queries go, with their statuses; the tombstone says who deleted them (cluster.md 11.5). */
  removeGraph(graphId: string, tombstone: Tombstone): void {
    for (const address of new Set([...this.#resources.keys(), ...this.#statuses.keys()])) {
      const parsed = parseResourceAddress(address);
      if (parsed === undefined || !("graphId" in parsed) || parsed.graphId !== graphId) continue;
      this.#resources.delete(address);
      this.#statuses.delete(address);
    }
    this.#observations.set(`graph.${graphId}`, tombstone);
  }

  /**
   * Works out the digest of every graph that has an entry from what the draft records under it.
   *
   * @param bindings by graph id, what the graphs are bound to from now on; a graph that is left out keeps what is recorded
   */
  recomposeGraphs(bindings: ReadonlyMap<string, GraphBindings> = new Map<string, GraphBindings>()): void {
    for (const [graphId, { embeddingProvider, externalBlobPolicy }] of bindings) {
      const graph = this.#resources.get(`graph.${graphId}`);
      if (graph === undefined) continue;
      this.#resources.set(`graph.${graphId}`, {
        digest: graph.digest,
        ...(embeddingProvider === undefined ? {} : { embedding_provider: embeddingProvider }),
        ...(externalBlobPolicy === undefined ? {} : { external_blob_policy: externalBlobPolicy }),
      });
    }
    for (const [graphId, digest] of composeGraphs(this.#resources)) {
      const address = `graph.${graphId}`;
      this.#resources.set(address, { ...this.#resources.get(address), digest });
    }
  }

  /** Whether the ledger would say anything else than the recorded one; its revision does not count. */
  get isChanged(): boolean {
    const base = this.#base;
    return base === undefined || encodeLedger(this.#ledger(base.stateRevision)) !== encodeLedger(base);
  }

  /** The next revision, graphs recomposed. Changing the draft afterwards does not change it. */
  finish(): Ledger {
    return this.#ledger((this.#base?.stateRevision ?? 0) + 1);
  }

  #ledger(stateRevision: number): Ledger {
    this.recomposeGraphs();
    return {
      stateRevision,
      configDigest: this.#configDigest,
      resources: new Map(this.#resources),
      statuses: new Map(this.#statuses),
      approvals: new Map(this.#approvals),
      recoveries: new Map(this.#recoveries),
      observations: new Map(this.#observations),
    };
  }
}
