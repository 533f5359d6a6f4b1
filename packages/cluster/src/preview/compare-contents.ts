import { readCatalogObject } from "../catalog/read-catalog-object.js";
import type { DesiredState } from "../config/desired-state.js";
import { inTurns } from "../in-turns.js";
import type { ContentChange, PlannedChange } from "../plan/planned-change.js";
import { parseResourceAddress } from "../resource-address.js";
import type { ClusterSession } from "../run/cluster-environment.js";

/** Reads at the same time. */
const READS_AT_ONCE = 16;

/** Contents that are compared in one plan; who changes more of them at once reads the difference in version control. */
const CONTENTS_MAX = 64;

/**
 * Adds to updates of queries and policies how many lines of their file differ from what is deployed, so that a reader sees whether a
 * word or everything changed. Only looks; where the catalog cannot tell, there is nothing to add: `refresh` is there to examine it.
 */
export async function compareContents(changes: readonly PlannedChange[], { store }: ClusterSession, { resources }: Pick<DesiredState, "resources">): Promise<readonly PlannedChange[]> {
  // Queries of one file have its content, and are compared once.
  const contents = new Map<string, PlannedChange>();
  for (const change of changes) if (isComparable(change)) contents.set(contentKey(change), change);
  const compared = await inTurns([...contents].slice(0, CONTENTS_MAX), READS_AT_ONCE, async ([key, change]) => {
    const deployed = await readCatalogObject(store, change.resource, change.beforeDigest ?? "");
    const after = resources.get(change.resource)?.text;
    return [key, deployed?.kind === "whole" && after !== undefined ? countLines(deployed.text, after) : undefined] as const;
  });
  const found = new Map(compared);
  return changes.map((change) => {
    const contentChange = isComparable(change) ? found.get(contentKey(change)) : undefined;
    return contentChange === undefined ? change : { ...change, contentChange };
  });
}

function isComparable({ resource, operation, beforeDigest, afterDigest }: PlannedChange): boolean {
  const kind = parseResourceAddress(resource)?.kind;
  return operation === "update" && (kind === "query" || kind === "policy") && beforeDigest !== afterDigest;
}

function contentKey({ beforeDigest, afterDigest }: PlannedChange): string {
  return `${beforeDigest} ${afterDigest}`;
}

/** Lines that only one of the texts has, each as often as it has it more often. A line that moved is no difference. */
function countLines(before: string, after: string): ContentChange {
  const surplus = new Map<string, number>();
  for (const line of after.split("\n")) surplus.set(line, (surplus.get(line) ?? 0) + 1);
  for (const line of before.split("\n")) surplus.set(line, (surplus.get(line) ?? 0) - 1);
  const counts = [...surplus.values()];
  const sum = (sign: 1 | -1): number => counts.reduce((total, count) => total + Math.max(0, sign * count), 0);
  return { addedLines: sum(1), removedLines: sum(-1) };
}
