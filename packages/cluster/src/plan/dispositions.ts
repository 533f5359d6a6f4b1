/** What apply may do with each change: the table of cluster.md §8.2, one row per kind of resource and operation. */
import { parseResourceAddress, type ResourceAddress } from "../resource-address.js";
import type { BlockReason, Decision, PlanInput, ResourceChange } from "./planned-change.js";

type Operation = ResourceChange["operation"];

/** What a decision may depend on. Of a graph, schema or query: the situation of its graph. */
interface Situation {
  /** The graph, or a graph that the policy is declared for, has a recovery record that was kept. */
  readonly isPending: boolean;
  /** What happens to the graph itself, if anything. */
  readonly graph: Operation | undefined;
  readonly schema: Operation | undefined;
  /** The graph is deleted, and somebody approved exactly that. */
  readonly isDeleteApproved: boolean;
  /** A graph that stays as recorded uses the provider. */
  readonly isInUse: boolean;
}

const APPLIED: Decision = { disposition: "applied" };
const DERIVED: Decision = { disposition: "derived" };
const UNSUPPORTED: Decision = { disposition: "deferred", reason: "apply_unsupported_kind" };

export function blockedBy(reason: BlockReason): Extract<Decision, { readonly disposition: "blocked" }> {
  return { disposition: "blocked", reason };
}

type Row = (situation: Situation) => Decision;

const always =
  (decision: Decision): Row =>
  () =>
    decision;
const unlessPending =
  (row: Row): Row =>
  (situation) =>
    situation.isPending ? blockedBy("cluster_recovery_pending") : row(situation);

/** Its schema appears in, or leaves, the configuration without its graph doing the same: only a refresh can tell what that means. */
function isSchemaMovedAlone({ graph, schema }: Situation): boolean {
  return (schema === "create" && graph !== "create") || (schema === "delete" && graph !== "delete");
}

const graphDelete = unlessPending(({ isDeleteApproved }) => (isDeleteApproved ? APPLIED : blockedBy("approval_required")));
const queryWrite = unlessPending((situation) => (isSchemaMovedAlone(situation) ? blockedBy("dependency_not_applied") : APPLIED));
const policyWrite = unlessPending(always(APPLIED));

const DISPOSITIONS: Readonly<Record<ResourceAddress["kind"], Readonly<Record<Operation, Row>>>> = {
  graph: {
    create: unlessPending(always(APPLIED)),
    update: (situation) => (isSchemaMovedAlone(situation) ? UNSUPPORTED : DERIVED),
    delete: graphDelete,
  },
  schema: {
    create: (situation) => (isSchemaMovedAlone(situation) || situation.isPending ? blockedBy("cluster_recovery_pending") : APPLIED),
    update: unlessPending(always(APPLIED)),
    delete: (situation) => (isSchemaMovedAlone(situation) ? UNSUPPORTED : graphDelete(situation)),
  },
  query: {
    create: queryWrite,
    update: queryWrite,
    // Beyond the table: an approval covers the queries, so none of them goes before its graph does.
    delete: (situation) => (situation.graph === "delete" ? graphDelete(situation) : APPLIED),
  },
  policy: { create: policyWrite, update: policyWrite, delete: always(APPLIED) },
  embedding_provider: {
    create: always(APPLIED),
    update: always(APPLIED),
    // Beyond the table: a server refuses a ledger in which a graph names a provider that is gone.
    delete: ({ isInUse }) => (isInUse ? blockedBy("dependency_not_applied") : APPLIED),
  },
};

/** Decides about the changes of one plan. */
export class DispositionTable {
  readonly #input: PlanInput;
  readonly #operations: ReadonlyMap<string, Operation>;
  readonly #approved: ReadonlySet<string>;
  readonly #graphsOf: ReadonlyMap<string, readonly string[]>;

  /** @param approved addresses of the gated changes for which a valid approval exists (cluster.md §9.2) */
  constructor(input: PlanInput, changes: readonly ResourceChange[], approved: ReadonlySet<string>) {
    this.#input = input;
    this.#operations = new Map(changes.map(({ resource, operation }) => [resource, operation]));
    this.#approved = approved;
    this.#graphsOf = graphsByProvider(input);
  }

  decide({ resource, operation }: ResourceChange): Decision {
    const address = parseResourceAddress(resource);
    return address === undefined ? UNSUPPORTED : DISPOSITIONS[address.kind][operation](this.#situationOf(address, resource));
  }

  #situationOf(address: ResourceAddress, resource: string): Situation {
    switch (address.kind) {
      case "graph":
      case "schema":
      case "query":
        return this.#situationOfGraph(address.graphId);
      case "policy":
        return { ...UNRELATED, isPending: this.#isBoundToPending(resource) };
      case "embedding_provider":
        return { ...UNRELATED, isInUse: this.#isInUse(resource) };
    }
  }

  #situationOfGraph(graphId: string): Situation {
    const graph = this.#operations.get(`graph.${graphId}`);
    return {
      isPending: this.#input.pendingGraphs.has(graphId),
      graph,
      schema: this.#operations.get(`schema.${graphId}`),
      isDeleteApproved: graph === "delete" && this.#approved.has(`graph.${graphId}`),
      isInUse: false,
    };
  }

  #isBoundToPending(policy: string): boolean {
    const targets = this.#input.desired.resources.get(policy)?.appliesTo ?? [];
    return targets.some((target) => target.startsWith("graph.") && this.#input.pendingGraphs.has(target.slice("graph.".length)));
  }

  #isInUse(provider: string): boolean {
    return (this.#graphsOf.get(provider) ?? []).some((graph) => {
      const operation = this.#operations.get(graph);
      return operation !== undefined && !isCarriedOut(this.decide({ resource: graph, operation, isBindingChange: false, recreatesVanishedGraph: false }));
    });
  }
}

const UNRELATED: Situation = { isPending: false, graph: undefined, schema: undefined, isDeleteApproved: false, isInUse: false };

/** What the decision says happens in this run. */
export function isCarriedOut({ disposition }: Decision): boolean {
  return disposition === "applied" || disposition === "derived";
}

/** Addresses of the graphs that the ledger binds to each provider. */
export function graphsByProvider({ ledger }: Pick<PlanInput, "ledger">): ReadonlyMap<string, readonly string[]> {
  const graphsOf = new Map<string, string[]>();
  for (const [address, { embedding_provider: provider }] of ledger?.resources ?? []) {
    if (provider === undefined) continue;
    const graphs = graphsOf.get(provider) ?? [];
    graphs.push(address);
    graphsOf.set(provider, graphs);
  }
  return graphsOf;
}
