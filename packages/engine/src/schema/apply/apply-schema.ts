import { type Catalog, type MigrationPlan, type MigrationStep, planMigration, type UnsupportedChange } from "@omnigraphdb/compiler";
import { SchemaApplyInProgressError } from "../../manifest/errors.js";
import type { GraphCommit } from "../../manifest/graph-commit.js";
import type { StagedWrite } from "../../transaction/staged-write.js";
import type { WriteView } from "../../transaction/write-coordinator.js";
import { SchemaChangeUnsupportedError } from "../errors.js";
import type { SchemaStore } from "../schema-store.js";
import { reclaimDropped, type ReclaimParts } from "./reclaim-dropped.js";
import { refuseUnlessAlone, type SchemaLock } from "./schema-lock.js";
import { stageMigration } from "./stage-migration.js";

export interface SchemaApplyOptions {
  /** Dropped data is reclaimed at once instead of staying readable in earlier versions (§16.4). Allows nothing else. */
  readonly allowDataLoss?: boolean;
  readonly actor?: string;
  /**
   * Stores the text also when it differs from the stored one in comments or layout only, which is no commit and moves no version
   * (Q14, relaxed for whoever compares texts). Default false: such a text is not stored.
   */
  readonly storesEveryText?: boolean;
  /** Looks at the schema to come before anything is changed; what it throws is what the apply throws (SA-8). */
  readonly validateCatalog?: (catalog: Catalog) => void | Promise<void>;
  readonly signal?: AbortSignal;
}

export interface SchemaApplyReceipt {
  /** An unsupported plan is an error, so this is always true. */
  readonly supported: true;
  /** False when the plan was empty: nothing was changed, but for the stored text if `storesEveryText` asked for it. */
  readonly applied: boolean;
  /** In plan order. */
  readonly steps: readonly MigrationStep[];
  /** Version of `main` afterwards. */
  readonly graphManifestVersion: number;
  readonly actorId: string | null;
  /** Null when nothing was applied. */
  readonly commit: GraphCommit | null;
}

export interface SchemaApplyParts extends ReclaimParts {
  readonly schemas: SchemaStore;
  readonly lock: SchemaLock;
}

interface Prepared {
  readonly view: WriteView;
  readonly plan: MigrationPlan;
  readonly staged: StagedWrite | undefined;
}

/**
 * Migrates the graph to the desired schema as one commit (§16, SA-1). The write coordinator brings the order: heal, schema and
 * branch gate, plan, lease, lock, sidecar, effects, staging, publish, promotion.
 *
 * @throws RecoveryRequiredError; SchemaContractError; SchemaApplyInProgressError; SchemaApplyNeedsOnlyMainError; CompileError;
 *   SchemaChangeUnsupportedError; conflicts: in the order A02 … A09, without any effect but for the first
 */
export async function applySchema(parts: SchemaApplyParts, source: string, options: SchemaApplyOptions): Promise<SchemaApplyReceipt> {
  const actorId = options.actor ?? null;
  const signal = options.signal === undefined ? {} : { signal: options.signal };
  const { result, commit } = await parts.writer.write(
    { branch: null, actorId, operation: "schema apply", gates: "schema", guard: () => parts.lock.acquire(), ...signal },
    async (view) => {
      const prepared = await prepare(view, source, options);
      if (prepared.staged === undefined && options.storesEveryText === true) await storeText(parts, view, source);
      return { staged: prepared.staged, result: prepared };
    },
  );
  const { view, plan, staged } = result;
  if (commit !== null && staged !== undefined && options.allowDataLoss === true) await reclaimDropped(parts, view, staged);
  return {
    supported: true,
    applied: commit !== null,
    steps: plan.steps,
    graphManifestVersion: commit?.graphManifestVersion ?? view.snapshot.graphManifestVersion,
    actorId,
    commit,
  };
}

/** A04 … A08: looks only. The lock, taken later, decides about A04 and A05 once more and for good. */
async function prepare(view: WriteView, source: string, options: SchemaApplyOptions): Promise<Prepared> {
  refuseUnlessAlone(view.state.registry);
  const allowDataLoss = options.allowDataLoss === true;
  const plan = planMigration(view.schema, source, { allowDataLoss });
  const [unsupported, ...others] = plan.steps.filter((step): step is UnsupportedChange => step.kind === "unsupported_change");
  if (unsupported !== undefined) throw new SchemaChangeUnsupportedError(unsupported, others);
  if (plan.steps.length === 0 || plan.desired === undefined) return { view, plan, staged: undefined };
  await options.validateCatalog?.(plan.desired.catalog);
  return { view, plan, staged: stageMigration(view.snapshot, view.schema, plan.desired, { reclaims: allowDataLoss }) };
}

/** One atomic replacement of one file. Under the schema gate and the lease, so that nobody promotes another schema meanwhile. */
async function storeText({ schemas, lease }: SchemaApplyParts, view: WriteView, source: string): Promise<void> {
  if (view.schema.documents.source === source) return;
  const hold = await lease.acquire();
  try {
    if ((await schemas.readStaged()) !== undefined || (await schemas.read()).irHash !== view.schema.irHash) throw new SchemaApplyInProgressError(null);
    await hold.ensureHeld();
    await schemas.replaceSource(source);
  } finally {
    hold.release();
  }
}
