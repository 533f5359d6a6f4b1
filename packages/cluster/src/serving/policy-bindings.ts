import type { ClusterProblem } from "../cluster-problem.js";
import type { Ledger } from "../ledger/ledger.js";
import { isLost } from "../ledger/lost-content.js";
import { normalizeTarget } from "../resource-address.js";

/** Which applied bundle decides where. */
export interface PolicyBindings {
  readonly cluster: BoundPolicy | undefined;
  readonly byGraph: ReadonlyMap<string, BoundPolicy>;
  /** Bundles with at least one binding. */
  readonly count: number;
  readonly problems: readonly ClusterProblem[];
}

export interface BoundPolicy {
  readonly name: string;
  readonly digest: string;
}

const APPLY_AGAIN = "Run 'omnigraph cluster apply' again.";

/** Reads the recorded targets of every bundle (policy.md §7.1). At most one bundle decides for a scope. */
export function bindPolicies(ledger: Ledger): PolicyBindings {
  const byScope = new Map<string, BoundPolicy>();
  const problems: ClusterProblem[] = [];
  let count = 0;
  for (const [address, { digest, applies_to }] of [...ledger.resources].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (!address.startsWith("policy.")) continue;
    if (applies_to === undefined || applies_to.length === 0) {
      problems.push({ code: "policy_bindings_missing", path: address, text: `the ledger does not say what the bundle applies to. ${APPLY_AGAIN}` });
      continue;
    }
    count++;
    const name = address.slice("policy.".length);
    for (const target of new Set(applies_to.map(normalizeTarget))) {
      const other = byScope.get(target);
      if (target !== "cluster" && !target.startsWith("graph.")) problems.push({ code: "wrong_kind_reference", path: address, text: `it applies to '${target}', which is neither the cluster nor a graph. ${APPLY_AGAIN}` });
      else if (other === undefined) byScope.set(target, { name, digest });
      else problems.push({ code: "duplicate_policy_binding", path: address, text: `'${target}' is bound to bundle '${other.name}' as well. Merge the two, then apply.` });
    }
  }
  problems.push(...lostPolicies(ledger));
  const byGraph = [...byScope].filter(([target]) => target !== "cluster").map(([target, bound]): [string, BoundPolicy] => [target.slice("graph.".length), bound]);
  return { cluster: byScope.get("cluster"), byGraph: new Map(byGraph), count, problems };
}

/**
 * Bundles whose content `refresh` found damaged: it took them out of the ledger, so that the next apply publishes them again. Until then
 * nobody can tell what they guard, and whoever served without them would serve it to everybody.
 */
function lostPolicies({ resources, statuses }: Ledger): readonly ClusterProblem[] {
  return [...statuses]
    .filter(([address, status]) => address.startsWith("policy.") && !resources.has(address) && isLost(status))
    .map(([path]) => ({ code: "catalog_payload_missing", path, text: `the bundle was applied, and its content is lost or damaged. ${APPLY_AGAIN}` }));
}
