/** A second reading of cluster.md §8.2 and §11.6, for tests: nothing of the plan's own code is used. */
import { graphCompositeDigest } from "../src/digests.js";
import type { Ledger, LedgerResource } from "../src/ledger/ledger.js";
import type { PlanInput, PlannedChange } from "../src/plan/planned-change.js";

/** What §8.2 says about one change, as `disposition` or `disposition: reason`. Reads the input alone. */
export function expectedDecision(address: string, input: PlanInput, isApproved: (address: string) => boolean): string {
  const recorded = (each: string): boolean => input.ledger?.resources.has(each) ?? false;
  const declared = (each: string): boolean => input.desired.resources.has(each);
  const isCreate = !recorded(address);
  const isDelete = !declared(address);
  const [kind = "", id = ""] = address.split(".");
  const graph = `graph.${id}`;
  const schema = `schema.${id}`;
  const isPending = input.pendingGraphs.has(id);
  const isGraphCreated = declared(graph) && !recorded(graph);
  const isGraphDeleted = recorded(graph) && !declared(graph);
  const isSchemaAlone = (declared(schema) && !recorded(schema) && !isGraphCreated) || (recorded(schema) && !declared(schema) && !isGraphDeleted);
  const ofGraphDelete = isPending ? "blocked: cluster_recovery_pending" : isApproved(graph) ? "applied" : "blocked: approval_required";

  if (isGraphCreated && !isPending && ["graph", "schema", "query"].includes(kind) && !isDelete) {
    const policy = [...input.desired.resources].find(([, { appliesTo }]) => appliesTo?.includes(graph))?.[0];
    if (policy !== undefined && input.ledger?.resources.get(policy)?.applies_to?.includes(graph) !== true && expectedDecision(policy, input, isApproved) !== "applied") return "blocked: dependency_not_applied";
  }
  if (kind === "graph") {
    if (isDelete) return ofGraphDelete;
    if (isCreate) return isPending ? "blocked: cluster_recovery_pending" : "applied";
    return isSchemaAlone ? "deferred: apply_unsupported_kind" : "derived";
  }
  if (kind === "schema") {
    if (isDelete) return isGraphDeleted ? ofGraphDelete : "deferred: apply_unsupported_kind";
    if (isCreate && !isGraphCreated) return "blocked: cluster_recovery_pending";
    return isPending ? "blocked: cluster_recovery_pending" : "applied";
  }
  if (kind === "query") {
    if (isDelete) return isGraphDeleted ? ofGraphDelete : "applied";
    if (isPending) return "blocked: cluster_recovery_pending";
    return isSchemaAlone ? "blocked: dependency_not_applied" : "applied";
  }
  if (kind === "policy") {
    const own = ofPolicyAlone(address, input, isApproved);
    const isHeldByOthers = [...together(address, input)].some((other) => ofPolicyAlone(other, input, isApproved) !== "applied");
    return own === "applied" && isHeldByOthers ? "blocked: dependency_not_applied" : own;
  }
  if (address.startsWith("provider.embedding.")) {
    const users = [...(input.ledger?.resources ?? [])].filter(([, each]) => each.embedding_provider === address).map(([user]) => user);
    const isHeld = users.some((user) => !["applied", "derived"].includes(expectedDecision(user, input, isApproved)));
    if (isDelete) return isHeld ? "blocked: dependency_not_applied" : "applied";
    const isSeenByApproval = users.some((user) => !declared(user) && expectedDecision(user, input, isApproved) === "blocked: cluster_recovery_pending");
    return !isCreate && isSeenByApproval ? "blocked: dependency_not_applied" : "applied";
  }
  return "deferred: apply_unsupported_kind";
}

/** Decision 0031, without what other policies do. */
function ofPolicyAlone(address: string, input: PlanInput, isApproved: (address: string) => boolean): string {
  const targets = input.desired.resources.get(address)?.appliesTo ?? [];
  if ([...input.pendingGraphs].some((each) => targets.includes(`graph.${each}`))) return "blocked: cluster_recovery_pending";
  const abandoned = (input.ledger?.resources.get(address)?.applies_to ?? []).filter((target) => input.ledger?.resources.has(target) === true && !input.desired.resources.has(target));
  return abandoned.map((graph) => expectedDecision(graph, input, isApproved)).find((decision) => decision !== "applied") ?? "applied";
}

/** The policies that hand scopes to each other, directly or not. */
function together(address: string, { desired, ledger }: PlanInput): ReadonlySet<string> {
  const found = new Set([address]);
  for (const each of found) {
    for (const other of [...desired.resources.keys(), ...(ledger?.resources.keys() ?? [])]) if (isHandedOver(each, other, { desired, ledger }) || isHandedOver(other, each, { desired, ledger })) found.add(other);
  }
  return found;
}

function isHandedOver(from: string, to: string, { desired, ledger }: Pick<PlanInput, "desired" | "ledger">): boolean {
  const held = (address: string): readonly string[] => ledger?.resources.get(address)?.applies_to ?? [];
  const wanted = (address: string): readonly string[] => desired.resources.get(address)?.appliesTo ?? [];
  return held(from).some((target) => !wanted(from).includes(target) && wanted(to).includes(target) && !held(to).includes(target));
}

/** The ledger after a run that executed what a plan says it executes, composites made anew of what is in it. */
export function ledgerAfter(changes: readonly PlannedChange[], { desired, ledger }: PlanInput): Ledger {
  const resources = new Map(ledger?.resources);
  for (const { resource, disposition, operation } of changes) {
    if (disposition !== "applied" && disposition !== "derived") continue;
    const declared = desired.resources.get(resource);
    if (operation === "delete" || declared === undefined) resources.delete(resource);
    else {
      resources.set(resource, {
        digest: declared.digest,
        ...(declared.appliesTo === undefined ? {} : { applies_to: declared.appliesTo }),
        ...(declared.embeddingProfile === undefined ? {} : { embedding_profile: declared.embeddingProfile }),
        ...(declared.embeddingProvider === undefined ? {} : { embedding_provider: declared.embeddingProvider }),
      });
    }
  }
  const empty: Ledger = { stateRevision: 0, configDigest: null, resources: new Map(), statuses: new Map(), approvals: new Map(), recoveries: new Map(), observations: new Map() };
  return { ...(ledger ?? empty), resources: recompose(resources) };
}

/** Every graph's digest, made of the entries below it. */
export function recompose(resources: ReadonlyMap<string, LedgerResource>): ReadonlyMap<string, LedgerResource> {
  return new Map([...resources].map(([address, entry]) => (address.startsWith("graph.") ? [address, { ...entry, digest: compositeOf(address.slice("graph.".length), entry, resources) }] : [address, entry])));
}

function compositeOf(graphId: string, { embedding_provider: provider }: LedgerResource, resources: ReadonlyMap<string, LedgerResource>): string {
  const prefix = `query.${graphId}.`;
  const providerDigest = provider === undefined ? undefined : resources.get(provider)?.digest;
  return graphCompositeDigest({
    graphId,
    schemaDigest: resources.get(`schema.${graphId}`)?.digest,
    queryDigests: new Map([...resources].filter(([address]) => address.startsWith(prefix)).map(([address, { digest }]) => [address.slice(prefix.length), digest])),
    ...(provider === undefined || providerDigest === undefined ? {} : { provider: { address: provider, digest: providerDigest } }),
  });
}
