import type { Approval } from "../src/approvals/approval.js";
import type { Dependency, DesiredResource } from "../src/config/desired-state.js";
import type { Ledger, LedgerResource, ResourceStatus } from "../src/ledger/ledger.js";
import type { PlanInput } from "../src/plan/planned-change.js";
import { parseResourceAddress } from "../src/resource-address.js";

export const CONFIG_DIGEST = "config-1";

export type DesiredSpec = Readonly<Record<string, string | (Partial<DesiredResource> & { readonly digest: string })>>;
export type RecordedSpec = Readonly<Record<string, string | LedgerResource>>;

export interface PlanInputSpec {
  /** Digest, or the whole entry, by address. */
  readonly desired?: DesiredSpec;
  /** Undefined: there is no ledger. */
  readonly recorded?: RecordedSpec;
  readonly statuses?: Readonly<Record<string, ResourceStatus>>;
  readonly pending?: readonly string[];
  readonly approvals?: readonly Approval[];
  /** Ids of approvals that the ledger knows as used. */
  readonly consumed?: readonly string[];
  /** When they were deleted, by address. */
  readonly tombstones?: Readonly<Record<string, string>>;
}

/** The input of a plan, from what the case is about. */
export function planInput({ desired = {}, recorded, statuses = {}, pending = [], approvals = [], consumed = [], tombstones = {} }: PlanInputSpec): PlanInput {
  const resources = new Map(Object.entries(desired).map(([address, spec]) => [address, desiredResource(address, spec)]));
  return {
    desired: { configDigest: CONFIG_DIGEST, resources, dependencies: dependenciesOf(resources) },
    ledger: recorded === undefined ? undefined : { ...ledgerOf(recorded, statuses, consumed), observations: new Map(Object.entries(tombstones).map(([address, deletedAt]) => [address, { kind: "tombstone", deleted_at: deletedAt, approval_id: null, actor: null }])) },
    pendingGraphs: new Set(pending),
    approvals,
  };
}

export function approvalOf(resource: string, changed: Partial<Approval> = {}): Approval {
  return {
    approvalId: "01APPROVAL",
    resource,
    operation: "delete",
    reason: "why",
    boundConfigDigest: CONFIG_DIGEST,
    boundBeforeDigest: "old",
    boundAfterDigest: null,
    approvedBy: "act-anna",
    createdAt: "2026-01-01T00:00:00.000Z",
    consumedAt: null,
    consumedByOperation: null,
    ...changed,
  };
}

function desiredResource(address: string, spec: string | (Partial<DesiredResource> & { readonly digest: string })): DesiredResource {
  const kind = parseResourceAddress(address)?.kind;
  if (kind === undefined) throw new Error(`${address} is no address`);
  return { address, kind, ...(kind === "policy" ? { appliesTo: ["cluster"] } : {}), ...(typeof spec === "string" ? { digest: spec } : spec) };
}

function ledgerOf(recorded: RecordedSpec, statuses: Readonly<Record<string, ResourceStatus>>, consumed: readonly string[]): Ledger {
  return {
    stateRevision: 1,
    configDigest: null,
    resources: new Map(Object.entries(recorded).map(([address, spec]) => [address, typeof spec === "string" ? { digest: spec } : spec])),
    statuses: new Map(Object.entries(statuses)),
    approvals: new Map(consumed.map((id) => [id, { consumed_at: "2026-01-02T00:00:00.000Z", consumed_by_operation: "01OPERATION" }])),
    recoveries: new Map(),
    observations: new Map(),
  };
}

/** The edges of cluster.md §3.2. */
function dependenciesOf(resources: ReadonlyMap<string, DesiredResource>): readonly Dependency[] {
  const edges: Dependency[] = [];
  for (const [from, { appliesTo, embeddingProvider }] of resources) {
    const [kind, graph] = from.split(".");
    if (kind === "schema" || kind === "query") edges.push({ from, to: `graph.${graph}` });
    if (kind === "query") edges.push({ from, to: `schema.${graph}` });
    for (const to of appliesTo ?? []) if (to !== "cluster") edges.push({ from, to });
    if (embeddingProvider !== undefined) edges.push({ from, to: embeddingProvider });
  }
  return edges;
}
