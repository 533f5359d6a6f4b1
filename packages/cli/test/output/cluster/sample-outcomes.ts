import type { ApplyOutcome, ApproveOutcome, ClusterDiagnostic, ForceUnlockOutcome, PlannedChange, PlanOutcome, StateObservations, StatusOutcome, ValidateOutcome } from "@omnigraphdb/cluster";

// One outcome per document, with every member there is, as a reviewer of a real change would meet them.

const DEPOT = "/srv/git/depot";
const digest = (seed: string): string => seed.repeat(64).slice(0, 64);

const STATE: StateObservations = {
  statePath: `${DEPOT}/__cluster/state.json`,
  lockPath: `${DEPOT}/__cluster/lock.json`,
  stateFound: true,
  appliedConfigDigest: digest("9a41"),
  stateRevision: 4,
  stateCas: `sha256:${digest("cc07")}`,
  resourceCount: 7,
  locked: false,
  lockAcquired: true,
  acquiredLockId: "01JD8S4M6Q0V5ZJ3T7C1XW9K2B",
};

const LOCKED_STATE: StateObservations = {
  ...STATE,
  locked: true,
  lockId: "01JD8S4M6Q0V5ZJ3T7C1XW9K2C",
  lockAcquired: false,
  lockOperation: "apply",
  lockCreatedAt: "2026-11-21T20:00:00.000Z",
  lockPid: 4711,
  lockAgeSeconds: 200,
};

const ERROR: ClusterDiagnostic = {
  code: "query_typecheck_error",
  severity: "error",
  path: "graphs.orders.queries",
  message: "query 'late_shipments' does not fit the schema of graph 'orders': unknown property 'Order.shiped_at'. Did you mean 'shipped_at'?",
  place: { file: `${DEPOT}/orders/queries/late.gq`, line: 7, column: 23 },
};

const WARNING: ClusterDiagnostic = {
  code: "state_lock_held",
  severity: "warning",
  path: `${DEPOT}/__cluster/lock.json`,
  message: "'apply' holds the lock 01JD8S4M6Q0V5ZJ3T7C1XW9K2C (process 4711, taken 3 minutes ago). Only when it no longer runs: omnigraph cluster force-unlock 01JD8S4M6Q0V5ZJ3T7C1XW9K2C --config ./depot",
};

const change = (over: Partial<PlannedChange> & Pick<PlannedChange, "resource" | "operation">): PlannedChange =>
  ({ isBindingChange: false, recreatesVanishedGraph: false, disposition: "applied", ...over }) as PlannedChange;

const CHANGES: readonly PlannedChange[] = [
  change({ resource: "graph.archive", operation: "delete", beforeDigest: digest("a0"), disposition: "blocked", reason: "approval_required" }),
  change({ resource: "graph.fleet", operation: "create", afterDigest: digest("b1"), recreatesVanishedGraph: true }),
  change({ resource: "graph.orders", operation: "update", beforeDigest: digest("0c77"), afterDigest: digest("0d88"), disposition: "derived" }),
  change({ resource: "policy.team", operation: "update", beforeDigest: digest("e2f0"), afterDigest: digest("e2f0"), isBindingChange: true, metadataChange: "policy_bindings" }),
  change({ resource: "provider.embedding.main", operation: "update", beforeDigest: digest("51"), afterDigest: digest("51"), metadataChange: "embedding_profile" }),
  change({ resource: "query.orders.late_shipments", operation: "update", beforeDigest: digest("77ab"), afterDigest: digest("b190"), contentChange: { addedLines: 3, removedLines: 1 } }),
  change({ resource: "query.orders.returns", operation: "delete", beforeDigest: digest("77ac") }),
  change({ resource: "schema.archive", operation: "delete", beforeDigest: digest("a1"), disposition: "blocked", reason: "approval_required" }),
  change({ resource: "schema.fleet", operation: "create", afterDigest: digest("b2") }),
  change({
    resource: "schema.orders",
    operation: "update",
    beforeDigest: digest("51d2"),
    afterDigest: digest("62e3"),
    migration: {
      supported: false,
      steps: [
        { kind: "add_property", typeKind: "node", typeName: "Order", propertyName: "shipped_at", propertyType: { base: { kind: "DateTime" }, isList: false, isNullable: true } },
        { kind: "drop_property", typeKind: "node", typeName: "Order", propertyName: "note", mode: "soft" },
        { kind: "rename_type", typeKind: "node", from: "Parcel", to: "Package" },
        { kind: "unsupported_change", rule: "U7", entity: "node:Order.number", reason: "the type of a property cannot change from I64 to String", code: undefined },
      ],
    },
  }),
  change({ resource: "secret.vault", operation: "update", beforeDigest: digest("1"), afterDigest: digest("2"), disposition: "deferred", reason: "apply_unsupported_kind" }),
];

export const VALIDATE: Readonly<Record<"ok" | "broken", ValidateOutcome>> = {
  ok: {
    isOk: true,
    configDirectory: DEPOT,
    configFile: `${DEPOT}/cluster.yaml`,
    resources: [
      { address: "graph.orders", kind: "graph", digest: digest("0c77") },
      { address: "policy.team", kind: "policy", digest: digest("e2f0"), file: `${DEPOT}/policies/team.yaml`, path: "policies/team.yaml", appliesTo: ["graph.orders"] },
      { address: "provider.embedding.main", kind: "embedding_provider", digest: digest("51") },
      { address: "query.orders.late_shipments", kind: "query", digest: digest("77ab"), path: "orders/queries/late.gq" },
      { address: "schema.orders", kind: "schema", digest: digest("51d2"), path: "orders/schema.pg" },
    ],
    dependencies: [
      { from: "graph.orders", to: "provider.embedding.main" },
      { from: "policy.team", to: "graph.orders" },
      { from: "query.orders.late_shipments", to: "graph.orders" },
      { from: "query.orders.late_shipments", to: "schema.orders" },
      { from: "schema.orders", to: "graph.orders" },
    ],
    diagnostics: [],
  },
  broken: { isOk: false, configDirectory: DEPOT, configFile: `${DEPOT}/cluster.yaml`, resources: [], dependencies: [], diagnostics: [WARNING, ERROR] },
};

export const PLAN: Readonly<Record<"changes" | "empty" | "first" | "broken", PlanOutcome>> = {
  changes: {
    isOk: true,
    configDirectory: DEPOT,
    configDigest: digest("8b30"),
    resourceDigests: new Map([["graph.orders", digest("0d88")], ["schema.orders", digest("62e3")]]),
    dependencies: [{ from: "schema.orders", to: "graph.orders" }],
    stateObservations: STATE,
    changes: CHANGES,
    blastRadius: [
      { resource: "graph.archive", affected: ["schema.archive"] },
      { resource: "graph.fleet", affected: ["schema.fleet"] },
      { resource: "graph.orders", affected: ["policy.team", "schema.orders"] },
      { resource: "schema.orders", affected: ["a", "b", "c", "d", "e", "f", "g", "h"].map((name) => `query.orders.report_${name}`) },
    ],
    approvalsRequired: [
      { resource: "graph.archive", reason: "deletes graph 'archive' and all its data, for good", satisfied: false },
      { resource: "graph.old", reason: "deletes graph 'old' and all its data, for good", satisfied: true, approvalId: "01JD8S4M6Q0V5ZJ3T7C1XW9K2D" },
    ],
    diagnostics: [{ ...WARNING, code: "cluster_recovery_pending", path: "graph.orders" }],
  },
  empty: { isOk: true, configDirectory: DEPOT, configDigest: digest("8b30"), resourceDigests: new Map(), dependencies: [], stateObservations: STATE, changes: [], blastRadius: [], approvalsRequired: [], diagnostics: [] },
  first: {
    isOk: true,
    configDirectory: DEPOT,
    configDigest: digest("8b30"),
    resourceDigests: new Map([["graph.orders", digest("0c")]]),
    dependencies: [],
    stateObservations: { statePath: STATE.statePath, lockPath: STATE.lockPath, stateFound: false, stateRevision: 0, resourceCount: 0, locked: false, lockAcquired: true, acquiredLockId: "01JD8S4M6Q0V5ZJ3T7C1XW9K2B" },
    changes: [change({ resource: "graph.orders", operation: "create", afterDigest: digest("0c") })],
    blastRadius: [],
    approvalsRequired: [],
    diagnostics: [],
  },
  broken: { isOk: false, configDirectory: DEPOT, resourceDigests: new Map(), dependencies: [], stateObservations: undefined, changes: [], blastRadius: [], approvalsRequired: [], diagnostics: [ERROR] },
};

export const APPLY: Readonly<Record<"partial" | "nothing" | "failed" | "unrecorded", ApplyOutcome>> = {
  partial: {
    isOk: true,
    configDirectory: DEPOT,
    actor: "ann",
    configDigest: digest("8b30"),
    stateObservations: { ...STATE, stateRevision: 5 },
    changes: CHANGES.map(({ migration: _steps, contentChange: _lines, ...done }) => done),
    appliedCount: 7,
    deferredCount: 3,
    isConverged: false,
    isStateWritten: true,
    resourceStatuses: new Map([
      ["graph.archive", { status: "blocked", conditions: ["approval_required"], message: "the deletion awaits an approval" }],
      ["graph.orders", { status: "applied" }],
    ]),
    diagnostics: [{ code: "apply_dependency_blocked", severity: "warning", path: "graph.archive", message: "the deletion awaits an approval" }],
  },
  unrecorded: {
    isOk: false,
    configDirectory: DEPOT,
    configDigest: digest("8b30"),
    stateObservations: STATE,
    changes: [change({ resource: "policy.team", operation: "create", afterDigest: digest("7") })],
    appliedCount: 0,
    deferredCount: 0,
    isConverged: false,
    isStateWritten: false,
    resourceStatuses: new Map(),
    diagnostics: [{ code: "state_cas_mismatch", severity: "error", path: STATE.statePath, message: "the ledger was changed by something else. Run 'omnigraph cluster apply' again." }],
  },
  nothing: { isOk: true, configDirectory: DEPOT, configDigest: digest("8b30"), stateObservations: STATE, changes: [], appliedCount: 0, deferredCount: 0, isConverged: true, isStateWritten: false, resourceStatuses: new Map(), diagnostics: [] },
  failed: {
    isOk: false,
    configDirectory: DEPOT,
    configDigest: digest("8b30"),
    stateObservations: STATE,
    changes: [
      change({ resource: "query.orders.late_shipments", operation: "create", afterDigest: digest("77"), disposition: "blocked", reason: "dependency_not_applied" }),
      change({ resource: "schema.orders", operation: "update", beforeDigest: digest("5"), afterDigest: digest("6"), disposition: "blocked", reason: "schema_apply_failed" }),
    ],
    appliedCount: 0,
    deferredCount: 2,
    isConverged: false,
    isStateWritten: true,
    resourceStatuses: new Map(),
    diagnostics: [{ code: "schema_apply_failed", severity: "error", path: "schema.orders", message: "the migration was refused: a required property without default. Make it nullable, and run 'omnigraph cluster apply' again." }],
  },
};

export const STATUS: Readonly<Record<"busy" | "missing" | "unreadable", StatusOutcome>> = {
  busy: {
    isOk: true,
    configDirectory: DEPOT,
    stateObservations: LOCKED_STATE,
    resourceDigests: new Map([
      ["graph.orders", digest("0c77")],
      ["policy.team", digest("e2f0")],
      ["provider.embedding.main", digest("51")],
      ["query.orders.late_shipments", digest("77ab")],
      ["query.orders.returns", digest("77ac")],
      ["schema.orders", digest("51d2")],
    ]),
    resourceStatuses: new Map([
      ["graph.fleet", { status: "drifted", conditions: ["graph_missing"] }],
      ["graph.orders", { status: "applied" }],
      ["policy.team", { status: "applied" }],
      ["query.orders.late_shipments", { status: "applied" }],
      ["query.orders.returns", { status: "drifted", conditions: ["payload_mismatch"], message: "the object differs from its digest" }],
      ["schema.orders", { status: "applied", conditions: [] }],
    ]),
    observations: new Map([
      ["graph.archive", { kind: "tombstone", deleted_at: "2026-11-20T10:00:00.000Z", approval_id: "01JD8S4M6Q0V5ZJ3T7C1XW9K2D", actor: "ann" }],
      ["graph.fleet", { kind: "graph", address: "graph.fleet", graph_uri: `${DEPOT}/graphs/fleet.omni`, observed_at: "2026-11-21T10:00:00.000Z", exists: false, graph_manifest_version: null, schema_digest: null, desired_schema_digest: digest("b2"), schema_matches_desired: null, error: null }],
    ]),
    diagnostics: [{ code: "catalog_payload_mismatch", severity: "warning", path: "query.orders.returns", message: "the catalog object is not what was recorded; refresh and apply repair it" }],
  },
  missing: {
    isOk: true,
    configDirectory: DEPOT,
    stateObservations: { statePath: STATE.statePath, lockPath: STATE.lockPath, stateFound: false, stateRevision: 0, resourceCount: 0, locked: false, lockAcquired: false },
    resourceDigests: new Map(),
    resourceStatuses: new Map(),
    observations: new Map(),
    diagnostics: [{ code: "state_missing", severity: "warning", path: STATE.statePath, message: "there is no ledger: nothing was applied here yet, or it was lost. 'omnigraph cluster import' creates it from what exists." }],
  },
  unreadable: {
    isOk: false,
    configDirectory: DEPOT,
    stateObservations: { statePath: STATE.statePath, lockPath: STATE.lockPath, stateFound: false, stateRevision: 0, resourceCount: 0, locked: false, lockAcquired: false },
    resourceDigests: new Map(),
    resourceStatuses: new Map(),
    observations: new Map(),
    diagnostics: [
      { code: "state_read_error", severity: "error", path: STATE.statePath, message: "the ledger cannot be read: EACCES. Check the storage and the credentials." },
      { code: "state_lock_read_error", severity: "warning", path: STATE.lockPath, message: "the lock cannot be read: EACCES. Check the storage and the credentials." },
    ],
  },
};

export const APPROVE: Readonly<Record<"given" | "refused", ApproveOutcome>> = {
  given: { isOk: true, configDirectory: DEPOT, approvalId: "01JD8S4M6Q0V5ZJ3T7C1XW9K2D", resource: "graph.archive", operation: "delete", approvedBy: "ann", diagnostics: [] },
  refused: { isOk: false, configDirectory: DEPOT, diagnostics: [{ code: "approval_not_required", severity: "error", path: "graph.orders", message: "no pending change of graph.orders needs an approval" }] },
};

export const FORCE_UNLOCK: Readonly<Record<"removed" | "other", ForceUnlockOutcome>> = {
  removed: { isOk: true, configDirectory: DEPOT, stateObservations: { ...STATE, lockAcquired: false }, isLockRemoved: true, diagnostics: [] },
  other: { isOk: false, configDirectory: DEPOT, stateObservations: LOCKED_STATE, isLockRemoved: false, diagnostics: [{ code: "state_lock_id_mismatch", severity: "error", path: STATE.lockPath, message: "the lock that is held is 01JD8S4M6Q0V5ZJ3T7C1XW9K2C" }] },
};
