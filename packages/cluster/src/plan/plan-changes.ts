import { judgeGates } from "./approval-gates.js";
import { blastRadius } from "./blast-radius.js";
import { diffResources } from "./diff-resources.js";
import { DispositionTable } from "./dispositions.js";
import { holdForDeletes, holdUnguardedCreates } from "./hold-back.js";
import type { ChangePlan, PlanInput } from "./planned-change.js";

/** What it takes to make the applied revision equal to the desired one, and what stands in the way (cluster.md §8). Pure. */
export function planChanges(input: PlanInput): ChangePlan {
  const changes = diffResources(input.desired.resources, input.ledger);
  const { gates, diagnostics } = judgeGates(changes, input);
  const table = new DispositionTable(input, changes, new Set(gates.filter(({ satisfied }) => satisfied).map(({ resource }) => resource)));
  const decided = changes.map((change) => ({ ...change, ...table.decide(change) }));
  return {
    changes: holdUnguardedCreates(holdForDeletes(decided, input), input),
    blastRadius: blastRadius(changes, input),
    approvalsRequired: gates,
    diagnostics,
  };
}
