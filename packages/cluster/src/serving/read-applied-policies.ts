import { ClusterNotReadyError } from "../cluster-problem.js";
import { compareText } from "../compare-text.js";
import { isLedgerRead, missingLedger, readLedger } from "../ledger/read-ledger.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import { bindPolicies, type BoundPolicy } from "./policy-bindings.js";
import { readServedContent } from "./read-served-content.js";

/** An applied bundle and where it decides. Its text is read on demand. */
export interface AppliedPolicyBinding {
  readonly name: string;
  /** Whether it decides about the cluster: which graphs there are. */
  readonly isOfCluster: boolean;
  /** Graphs it decides about, ascending. */
  readonly graphIds: readonly string[];
  /** @throws ClusterNotReadyError when the catalog does not hold it as it was applied */
  readText(): Promise<string>;
}

/**
 * The applied bundles, by name. Reads the ledger and no more, so that a bundle can be looked at whatever else is wrong with the cluster.
 *
 * @throws ClusterNotReadyError without a readable ledger, and when it does not say which bundle decides where
 */
export async function readAppliedPolicies(store: ClusterStore): Promise<readonly AppliedPolicyBinding[]> {
  const { root } = store.layout;
  const read = await readLedger(store);
  if (!isLedgerRead(read)) throw new ClusterNotReadyError(root, [read ?? missingLedger(store)]);
  const { cluster, byGraph, problems } = bindPolicies(read.ledger);
  if (problems.length > 0) throw new ClusterNotReadyError(root, problems);
  const bound = new Map<string, BoundPolicy>();
  for (const policy of [...(cluster === undefined ? [] : [cluster]), ...byGraph.values()]) bound.set(policy.name, policy);
  return [...bound.values()]
    .sort((a, b) => compareText(a.name, b.name))
    .map((policy) => ({
      name: policy.name,
      isOfCluster: cluster?.name === policy.name,
      graphIds: [...byGraph].filter(([, { name }]) => name === policy.name).map(([graphId]) => graphId).sort(),
      readText: () => readText(store, policy),
    }));
}

async function readText(store: ClusterStore, { name, digest }: BoundPolicy): Promise<string> {
  const read = await readServedContent(store, `policy.${name}`, digest);
  if ("code" in read) throw new ClusterNotReadyError(store.layout.root, [read]);
  return read.text;
}
