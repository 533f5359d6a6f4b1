/**
 * What waits beyond the table of cluster.md §8.2 (decision 0031): whatever would leave a graph without the policy that it was declared with,
 * or else everybody with a token could read it; and what an approval covers, or else it would go stale by our own doing.
 */
import type { Ledger } from "../ledger/ledger.js";
import { normalizeTarget, parseResourceAddress } from "../resource-address.js";
import { blockedBy, graphsByProvider, isCarriedOut } from "./dispositions.js";
import type { BlockReason, PlanInput, PlannedChange } from "./planned-change.js";

type Waiting = ReadonlyMap<string, BlockReason>;

/**
 * What has to stay as long as the delete of a graph waits. Takes changes out of the run, never into it. Whoever hands a scope to another policy waits together with it: between the two there
 * would be no bundle for the scope, or two.
 *
 * @param changes with their dispositions
 */
export function holdForDeletes(changes: readonly PlannedChange[], input: PlanInput): readonly PlannedChange[] {
  const waiting = waitingDeletes(changes);
  const graphsOf = graphsByProvider(input);
  const held = new Map<string, BlockReason>();
  for (const change of changes) {
    const reason = isCarriedOut(change) ? reasonToHold(change, waiting, graphsOf, input) : undefined;
    if (reason !== undefined) held.set(change.resource, reason);
  }
  holdSuccessors(held, changes, input);
  return changes.map((change) => {
    const reason = held.get(change.resource);
    return reason === undefined ? change : { ...change, ...blockedBy(reason) };
  });
}

/** Graphs that are to be deleted, and not by this run. */
function waitingDeletes(changes: readonly PlannedChange[]): Waiting {
  const waiting = new Map<string, BlockReason>();
  for (const { resource, operation, disposition, reason } of changes) {
    if (operation === "delete" && disposition === "blocked" && parseResourceAddress(resource)?.kind === "graph") waiting.set(resource, reason);
  }
  return waiting;
}

function reasonToHold({ resource, operation }: PlannedChange, waiting: Waiting, graphsOf: ReadonlyMap<string, readonly string[]>, input: PlanInput): BlockReason | undefined {
  switch (parseResourceAddress(resource)?.kind) {
    case "policy": {
      const reasons = releasedTargets(resource, input).flatMap((target) => waiting.get(target) ?? []);
      return reasons.map((reason) => (reason === "graph_delete_failed" ? "dependency_not_applied" : reason))[0];
    }
    case "embedding_provider":
      // Nobody has approved the delete of these graphs with the provider as it was, so nothing goes stale.
      return operation === "update" && (graphsOf.get(resource) ?? []).some((graph) => (waiting.get(graph) ?? "approval_required") !== "approval_required") ? "dependency_not_applied" : undefined;
    default:
      return undefined;
  }
}

/** Whoever has to wait together with a policy that waits, in place: along the chain of successions, in both directions. */
function holdSuccessors(held: Map<string, BlockReason>, changes: readonly PlannedChange[], input: PlanInput): void {
  const neighbours = new Map<string, string[]>();
  const link = (from: string, to: string): void => {
    const known = neighbours.get(from) ?? [];
    known.push(to);
    neighbours.set(from, known);
  };
  for (const [before, after] of successions(input)) {
    link(before, after);
    link(after, before);
  }
  const waiting = [...held.keys(), ...changes.filter((change) => !isCarriedOut(change)).map(({ resource }) => resource)];
  const seen = new Set(waiting);
  // Grows as it is walked.
  for (const policy of waiting) {
    for (const neighbour of neighbours.get(policy) ?? []) {
      if (seen.has(neighbour)) continue;
      seen.add(neighbour);
      held.set(neighbour, "dependency_not_applied");
      waiting.push(neighbour);
    }
  }
}

/** Pairs of policies, the second of which takes over a scope from the first. */
function successions({ desired, ledger }: PlanInput): readonly (readonly [before: string, after: string])[] {
  const declaredFor = new Map<string, string>();
  for (const [address, { appliesTo }] of desired.resources) for (const target of appliesTo ?? []) declaredFor.set(target, address);
  return policiesOf(ledger).flatMap((before) =>
    releasedTargets(before, { desired, ledger }).flatMap((target) => {
      const after = declaredFor.get(target);
      return after === undefined || recordedTargets(after, { ledger }).includes(target) ? [] : [[before, after] as const];
    }),
  );
}

/** What a policy is recorded for, and declared for no more. */
function releasedTargets(policy: string, { desired, ledger }: Pick<PlanInput, "desired" | "ledger">): readonly string[] {
  const kept = new Set(desired.resources.get(policy)?.appliesTo);
  return recordedTargets(policy, { ledger }).filter((target) => !kept.has(target));
}

function recordedTargets(policy: string, { ledger }: Pick<PlanInput, "ledger">): readonly string[] {
  return (ledger?.resources.get(policy)?.applies_to ?? []).map((target) => normalizeTarget(target));
}

function policiesOf(ledger: Ledger | undefined): readonly string[] {
  return [...(ledger?.resources.keys() ?? [])].filter((address) => parseResourceAddress(address)?.kind === "policy");
}

/**
 * A graph that is declared with a policy is not created before that policy is recorded, or else a server would serve it to everybody with
 * a token. For plans: what a run has created is created.
 */
export function holdUnguardedCreates(changes: readonly PlannedChange[], input: PlanInput): readonly PlannedChange[] {
  const waiting = changes.filter(({ resource, disposition }) => disposition === "blocked" && parseResourceAddress(resource)?.kind === "policy");
  const unguarded = new Set(
    waiting.flatMap(({ resource }) => {
      const recorded = recordedTargets(resource, input);
      return (input.desired.resources.get(resource)?.appliesTo ?? []).filter((target) => !recorded.includes(target));
    }),
  );
  const held = new Set(changes.filter(({ resource, operation }) => operation === "create" && unguarded.has(resource)).map(({ resource }) => resource));
  return changes.map((change) => {
    const parsed = parseResourceAddress(change.resource);
    const isHeld = parsed !== undefined && "graphId" in parsed && held.has(`graph.${parsed.graphId}`);
    return isHeld && change.operation !== "delete" && isCarriedOut(change) ? { ...change, ...blockedBy("dependency_not_applied") } : change;
  });
}
