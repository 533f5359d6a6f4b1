import { compareText } from "../compare-text.js";
import type { DesiredResource } from "../config/desired-state.js";
import { embeddingProfileDigest } from "../digests.js";
import { isVanishedGraph } from "../graphs/vanished-graph.js";
import type { Ledger, LedgerResource } from "../ledger/ledger.js";
import { parseResourceAddress } from "../resource-address.js";
import type { ResourceChange } from "./planned-change.js";

/**
 * Compares what is declared with what is recorded (cluster.md §8.1).
 *
 * @param ledger undefined: there is none, so everything declared is created
 * @returns ascending by address; empty exactly when the ledger records what is declared
 */
export function diffResources(desired: ReadonlyMap<string, DesiredResource>, ledger: Ledger | undefined): readonly ResourceChange[] {
  const recorded: ReadonlyMap<string, LedgerResource> = ledger?.resources ?? new Map<string, LedgerResource>();
  const changes: ResourceChange[] = [];
  for (const [address, resource] of desired) {
    const change = compareResource(address, resource, recorded.get(address), ledger);
    if (change !== undefined) changes.push(change);
  }
  for (const [address, { digest }] of recorded) {
    if (!desired.has(address)) changes.push({ resource: address, operation: "delete", beforeDigest: digest, isBindingChange: false, recreatesVanishedGraph: false });
  }
  return changes.sort((a, b) => compareText(a.resource, b.resource));
}

function compareResource(address: string, desired: DesiredResource, recorded: LedgerResource | undefined, ledger: Ledger | undefined): ResourceChange | undefined {
  const afterDigest = desired.digest;
  if (recorded === undefined) {
    return { resource: address, operation: "create", afterDigest, isBindingChange: false, recreatesVanishedGraph: recreatesVanishedGraph(address, ledger) };
  }
  const isBindingChange = desired.kind === "policy" && !hasSameTargets(desired, recorded);
  const update = { resource: address, operation: "update", beforeDigest: recorded.digest, afterDigest, isBindingChange, recreatesVanishedGraph: false } as const;
  if (recorded.digest !== afterDigest) return update;
  if (isBindingChange) return { ...update, metadataChange: "policy_bindings" };
  if (desired.kind === "embedding_provider" && !hasSameProfile(desired, recorded)) return { ...update, metadataChange: "embedding_profile" };
  return undefined;
}

function hasSameTargets(desired: DesiredResource, { applies_to }: LedgerResource): boolean {
  if (applies_to === undefined) return false;
  const before = [...new Set(applies_to)].sort();
  const after = [...new Set(desired.appliesTo)].sort();
  return before.length === after.length && before.every((target, index) => target === after[index]);
}

/** The digest is made of the profile; a ledger may lack the profile, or have it edited by hand. */
function hasSameProfile({ embeddingProfile }: DesiredResource, { embedding_profile }: LedgerResource): boolean {
  if (embeddingProfile === undefined || embedding_profile === undefined) return embeddingProfile === embedding_profile;
  return embeddingProfileDigest(embeddingProfile) === embeddingProfileDigest(embedding_profile);
}

function recreatesVanishedGraph(address: string, ledger: Ledger | undefined): boolean {
  const parsed = parseResourceAddress(address);
  return parsed?.kind === "graph" && ledger !== undefined && isVanishedGraph(ledger, parsed.graphId);
}
