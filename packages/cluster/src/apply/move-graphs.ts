/** Work on whole graphs: the phases 7, 8 and 11 of an apply (cluster.md 11.1), one graph at a time, in order of their ids. */
import { must } from "@omnigraphdb/common";
import { diagnostic } from "../diagnostics/cluster-diagnostic.js";
import type { DiagnosticCode } from "../diagnostics/diagnostic-codes.js";
import type { BlockReason, ChangePlan, FailureReason, PlannedChange } from "../plan/planned-change.js";
import type { RecoverySidecar } from "../recovery/recovery-sidecar.js";
import { parseResourceAddress } from "../resource-address.js";
import type { ClusterProgress } from "../run/cluster-environment.js";
import { type ApplyContext, type GraphStep, reportProgress, stopIfAborted } from "./apply-context.js";
import { createGraph } from "./create-graph.js";
import { deleteGraph } from "./delete-graph.js";
import { migrateSchema } from "./migrate-schema.js";
import type { DeletedGraph } from "./record-changes.js";

/** What became of the graph work of one run so far. */
export class GraphWork {
  /** Why a change is not carried out, by address: the first failure, and what was skipped for it. */
  readonly failures: Map<string, BlockReason> = new Map();
  /** Of the operations that succeeded, to be removed once the ledger records them. */
  readonly finished: RecoverySidecar[] = [];
  /** Something was begun: also an operation that failed may have moved something. */
  hasMoved: boolean = false;

  get deleted(): readonly DeletedGraph[] {
    return this.finished
      .filter(({ kind }) => kind === "graph_delete")
      .map(({ operationId, graphId, approvalId }) => ({ operationId, graphId: must(graphId, "our sidecars name their graph"), approvalId: must(approvalId, "a delete has an approval") }));
  }
}

interface GraphPhase {
  readonly progress: ClusterProgress["phase"];
  readonly includes: (change: PlannedChange) => boolean;
  readonly step: (context: ApplyContext, graphId: string) => Promise<GraphStep>;
  readonly failure: FailureReason;
  readonly skipped: DiagnosticCode;
  readonly skippedText: string;
}

const CREATES: GraphPhase = {
  progress: "create",
  includes: ({ resource, operation }) => operation === "create" && parseResourceAddress(resource)?.kind === "graph",
  step: createGraph,
  failure: "graph_create_failed",
  skipped: "graph_create_skipped",
  skippedText: "the graph was not created",
};

const MIGRATIONS: GraphPhase = {
  progress: "migrate",
  includes: ({ resource, operation }) => operation === "update" && parseResourceAddress(resource)?.kind === "schema",
  step: migrateSchema,
  failure: "schema_apply_failed",
  skipped: "schema_apply_skipped",
  skippedText: "the schema was not applied",
};

/** Phase 7. @returns "crashed": the run has to end as if its process had */
export function createGraphs(context: ApplyContext, plan: ChangePlan, work: GraphWork): Promise<"ended" | "crashed"> {
  return runPhase(context, plan, work, CREATES);
}

/** Phase 8. */
export function migrateSchemas(context: ApplyContext, plan: ChangePlan, work: GraphWork): Promise<"ended" | "crashed"> {
  return runPhase(context, plan, work, MIGRATIONS);
}

/** Phase 11. Each delete consumes the approval that the plan found for it. */
export function deleteGraphs(context: ApplyContext, plan: ChangePlan, work: GraphWork): Promise<"ended" | "crashed"> {
  return runPhase(context, plan, work, {
    progress: "delete",
    includes: ({ resource, operation }) => operation === "delete" && parseResourceAddress(resource)?.kind === "graph",
    step: (_, graphId) => deleteGraph(context, graphId, approvalOf(plan, `graph.${graphId}`)),
    failure: "graph_delete_failed",
    skipped: "graph_delete_skipped",
    skippedText: "the graph was not deleted",
  });
}

async function runPhase(context: ApplyContext, plan: Pick<ChangePlan, "changes">, work: GraphWork, phase: GraphPhase): Promise<"ended" | "crashed"> {
  const changes = plan.changes.filter((change) => change.disposition === "applied" && phase.includes(change));
  for (const [index, { resource }] of changes.entries()) {
    const failed = work.failures.keys().next();
    if (failed.done !== true) {
      context.diagnostics.add(diagnostic(phase.skipped, resource, `${phase.skippedText}, because ${failed.value} failed before it. Remedy that, then run 'omnigraph cluster apply' again.`));
      work.failures.set(resource, "dependency_not_applied");
      continue;
    }
    stopIfAborted(context, work.hasMoved);
    reportProgress(context, phase.progress, index, changes.length, resource);
    work.hasMoved = true;
    const step = await phase.step(context, graphIdOf(resource));
    if (step.end === "crashed") return "crashed";
    if (step.end === "failed") work.failures.set(resource, phase.failure);
    else work.finished.push(step.sidecar);
    stopIfAborted(context, work.hasMoved);
    reportProgress(context, phase.progress, index + 1, changes.length, resource);
  }
  return "ended";
}

function graphIdOf(address: string): string {
  const parsed = parseResourceAddress(address);
  return must(parsed !== undefined && "graphId" in parsed ? parsed.graphId : undefined, "graph work is about graphs");
}

function approvalOf({ approvalsRequired }: ChangePlan, resource: string): string {
  return must(approvalsRequired.find((gate) => gate.resource === resource)?.approvalId, "a delete is carried out with an approval only");
}
