import { parseResourceAddress } from "../resource-address.js";
import { blockedBy, graphsByProvider, isCarriedOut } from "./dispositions.js";
import { holdForDeletes } from "./hold-back.js";
import type { BlockReason, PlanInput, PlannedChange } from "./planned-change.js";

/**
 * What a failure leaves of a plan (cluster.md §8.2, last paragraph): the resource that failed is blocked for its own reason; whatever
 * was still to be done for its graph, and the policies bound to it, are blocked as `dependency_not_applied`. A change only ever loses
 * its place in the run; it never gains one.
 *
 * @param failures by address. A graph or schema that was skipped after the failure of another one has `dependency_not_applied`.
 */
export function demoteDependents(changes: readonly PlannedChange[], failures: ReadonlyMap<string, BlockReason>, input: PlanInput): readonly PlannedChange[] {
  const failedGraphs = new Set([...failures.keys()].flatMap((address) => graphIdOf(address) ?? []));
  const created = new Set(changes.filter((change) => change.operation === "create" && isCarriedOut(change) && !failures.has(change.resource)).map(({ resource }) => resource));
  const demoted = changes.map((change) => {
    const failure = failures.get(change.resource);
    if (failure !== undefined) return demote(change, failure);
    // A graph that was created by now must not be served without the policy that it was declared with.
    if (input.desired.resources.get(change.resource)?.appliesTo?.some((target) => created.has(target)) === true) return change;
    return belongsTo(change.resource, failedGraphs, input) ? demote(change, "dependency_not_applied") : change;
  });
  const stopped = new Set(demoted.filter((change) => !isCarriedOut(change)).map(({ resource }) => resource));
  const graphsOf = graphsByProvider(input);
  const isInUse = ({ resource }: PlannedChange): boolean => (graphsOf.get(resource) ?? []).some((graph) => stopped.has(graph));
  const withProviders = demoted.map((change) => (isProviderDelete(change) && isInUse(change) ? demote(change, "dependency_not_applied") : change));
  return holdForDeletes(withProviders, input);
}

function demote(change: PlannedChange, reason: BlockReason): PlannedChange {
  return isCarriedOut(change) ? { ...change, ...blockedBy(reason) } : change;
}

function belongsTo(address: string, failedGraphs: ReadonlySet<string>, { desired, ledger }: PlanInput): boolean {
  const graphId = graphIdOf(address);
  if (graphId !== undefined) return failedGraphs.has(graphId);
  // What is declared, and what a graph that could not be deleted is still guarded by.
  const targets = [...(desired.resources.get(address)?.appliesTo ?? []), ...(ledger?.resources.get(address)?.applies_to ?? [])];
  return targets.some((target) => target.startsWith("graph.") && failedGraphs.has(target.slice("graph.".length)));
}

function graphIdOf(address: string): string | undefined {
  const parsed = parseResourceAddress(address);
  return parsed !== undefined && "graphId" in parsed ? parsed.graphId : undefined;
}

function isProviderDelete({ resource, operation }: PlannedChange): boolean {
  return operation === "delete" && parseResourceAddress(resource)?.kind === "embedding_provider";
}
