/**
 * Reads what a server serves: the applied revision, from the ledger and the catalog alone (cluster.md 14.1). It takes no lock, settles
 * no recovery record and writes nothing.
 *
 * 1. the ledger is whole and of a known version; every digest that can be recomputed is
 * 2. recovery records: one of a known graph makes that graph unready, one that nobody can attribute stops everything
 * 3. bundles, queries and profiles of every graph that is not unready, each hashed again
 */
import { GRAPH_ID_RULE, isGraphId, must } from "@omnigraphdb/common";
import { ClusterNotReadyError, type ClusterProblem } from "../cluster-problem.js";
import { compareText } from "../compare-text.js";
import { embeddingProfileDigest } from "../digests.js";
import { findAlteredGraphs } from "../ledger/composite-integrity.js";
import type { Ledger } from "../ledger/ledger.js";
import { inTurns } from "../in-turns.js";
import { isLedgerRead, missingLedger, readLedger } from "../ledger/read-ledger.js";
import { readSidecars } from "../recovery/read-sidecars.js";
import { parseResourceAddress } from "../resource-address.js";
import type { ClusterStore } from "../storage/cluster-store.js";
import type { StoredQuerySource } from "../stored-queries/stored-query.js";
import { type BoundPolicy, bindPolicies } from "./policy-bindings.js";
import { readServedContent } from "./read-served-content.js";
import type { AppliedEmbedding, AppliedGraph, AppliedPolicy, ServingSnapshot } from "./serving-snapshot.js";

/** Graphs that are read side by side, and queries of each: together as many requests as an object store answers gladly. */
const GRAPHS_AT_ONCE = 8;
const READS_AT_ONCE = 8;

export interface ServingSnapshotOptions {
  /** Graphs that are not ready will be set aside: what concerns only them is not examined (cluster.md 14.2.2). Default false. */
  readonly isQuarantine?: boolean;
}

/** @throws ClusterNotReadyError listing every problem that stops the whole cluster, and with them what makes single graphs unready */
export async function readServingSnapshot(store: ClusterStore, options: ServingSnapshotOptions = {}): Promise<ServingSnapshot> {
  const { root } = store.layout;
  const [read, sidecars] = await Promise.all([readLedger(store), readSidecars(store)]);
  const problems: ClusterProblem[] = [...sidecars.problems];
  if (!isLedgerRead(read)) throw new ClusterNotReadyError(root, [read ?? missingLedger(store), ...problems]);
  const { ledger } = read;
  const graphIds = appliedGraphIds(ledger);
  if (graphIds.length === 0) problems.push({ code: "cluster_empty", path: store.layout.ledger, text: "no graph is applied. Declare one in cluster.yaml and run 'omnigraph cluster apply'." });

  const warnings: ClusterProblem[] = [];
  const pendingGraphs = new Map<string, string>();
  for (const { graphId, operationId, kind } of sidecars.pending) {
    const path = store.layout.recoverySidecar(operationId);
    if (graphId === undefined || graphId.trim() === "") {
      problems.push({ code: "cluster_recovery_unattributed", path, text: "the recovery record names no graph, so nobody can settle it. Find out what it is about, see that this is as it should be, then remove the file." });
    } else if (ledger.resources.has(`graph.${graphId}`)) pendingGraphs.set(graphId, kind);
    else warnings.push({ code: "cluster_recovery_pending", path, text: `an interrupted ${kind} of graph '${graphId}', which is not applied, waits for 'omnigraph cluster refresh'` });
  }

  const bindings = bindPolicies(ledger);
  problems.push(...bindings.problems);
  const reader = new GraphReader(store, ledger, options.isQuarantine ?? false);
  const reads = await inTurns(graphIds, GRAPHS_AT_ONCE, (graphId) => reader.read(graphId, bindings.byGraph.get(graphId), pendingGraphs.get(graphId)));
  const graphs = reads.map(({ graph }) => graph);
  const clusterProblems: ClusterProblem[] = [];
  const clusterPolicy = await reader.readPolicy(bindings.cluster, clusterProblems);
  // Graphs that share a bundle have its problem in common.
  problems.push(...new Set([...reads.flatMap((read) => read.problems), ...clusterProblems]));

  if (problems.length > 0) throw new ClusterNotReadyError(root, [...problems, ...graphs.flatMap(({ unready }) => (unready === undefined ? [] : [unready]))]);
  return { root, revision: ledger.stateRevision, graphs, clusterPolicy, policyCount: bindings.count, warnings };
}

/** Ids of the applied graphs, ascending. */
export function appliedGraphIds(ledger: Ledger): readonly string[] {
  const prefix = "graph.";
  return [...ledger.resources.keys()].filter((address) => address.startsWith(prefix)).map((address) => address.slice(prefix.length)).sort();
}

interface RecordedQuery {
  readonly address: string;
  readonly name: string;
  readonly digest: string;
}

/** Those of each graph ascending by name. */
function queriesByGraph({ resources }: Ledger): ReadonlyMap<string, readonly RecordedQuery[]> {
  const byGraph = new Map<string, RecordedQuery[]>();
  for (const [address, { digest }] of resources) {
    const parsed = parseResourceAddress(address);
    if (parsed?.kind !== "query") continue;
    const ofGraph = byGraph.get(parsed.graphId) ?? [];
    ofGraph.push({ address, name: parsed.name, digest });
    byGraph.set(parsed.graphId, ofGraph);
  }
  for (const ofGraph of byGraph.values()) ofGraph.sort((a, b) => compareText(a.name, b.name));
  return byGraph;
}

/** What the catalog holds for one graph, and what is wrong with it. */
interface GraphRead {
  readonly graph: AppliedGraph;
  readonly problems: readonly ClusterProblem[];
}

/** Collects what ledger and catalog hold for each graph. */
class GraphReader {
  readonly #store: ClusterStore;
  readonly #ledger: Ledger;
  readonly #isQuarantine: boolean;
  readonly #alteredGraphs: ReadonlyMap<string, ClusterProblem>;
  readonly #queriesOf: ReadonlyMap<string, readonly RecordedQuery[]>;
  /** A bundle or file shared by several graphs or queries is read once. */
  readonly #policies = new Map<string, ReturnType<typeof readServedContent>>();

  constructor(store: ClusterStore, ledger: Ledger, isQuarantine: boolean) {
    this.#store = store;
    this.#ledger = ledger;
    this.#isQuarantine = isQuarantine;
    this.#alteredGraphs = new Map(findAlteredGraphs(ledger).map((problem) => [problem.path, problem]));
    this.#queriesOf = queriesByGraph(ledger);
  }

  async read(graphId: string, bound: BoundPolicy | undefined, pendingKind: string | undefined): Promise<GraphRead> {
    const unready = unreadiness(graphId, pendingKind) ?? this.#unsafeBlobRules(graphId);
    // An id that no route could name may not be made an address either.
    const uri = isGraphId(graphId) ? this.#store.layout.graphRoot(graphId) : "";
    if (unready !== undefined && (this.#isQuarantine || uri === "")) return { graph: { graphId, uri, unready, policy: undefined, queries: [], embedding: undefined }, problems: [] };
    const problems: ClusterProblem[] = [];
    const embedding = this.#embeddingOf(graphId, problems);
    const altered = this.#alteredGraphs.get(`graph.${graphId}`);
    if (altered !== undefined) problems.push(altered);
    const queries = await this.#readQueries(graphId, problems);
    return { graph: { graphId, uri, unready, policy: await this.readPolicy(bound, problems), queries, embedding }, problems };
  }

  /** @param problems get the one that keeps the bundle from being served */
  async readPolicy(bound: BoundPolicy | undefined, problems: ClusterProblem[]): Promise<AppliedPolicy | undefined> {
    if (bound === undefined) return undefined;
    const { name, digest } = bound;
    const started = this.#policies.get(name) ?? readServedContent(this.#store, `policy.${name}`, digest);
    this.#policies.set(name, started);
    const read = await started;
    if (!("code" in read)) return { name, digest, text: read.text };
    problems.push(read);
    return undefined;
  }

  async #readQueries(graphId: string, problems: ClusterProblem[]): Promise<readonly StoredQuerySource[]> {
    const recorded = this.#queriesOf.get(graphId) ?? [];
    const reads = await inTurns(recorded, READS_AT_ONCE, ({ address, digest }) => readServedContent(this.#store, address, digest));
    return recorded.flatMap(({ name }, index): readonly StoredQuerySource[] => {
      const read = must(reads[index], "one read per query");
      if (!("code" in read)) return [{ name, source: read.text, toolName: name, isExposed: true }];
      problems.push(read);
      return [];
    });
  }

  #embeddingOf(graphId: string, problems: ClusterProblem[]): AppliedEmbedding | undefined {
    const address = this.#ledger.resources.get(`graph.${graphId}`)?.embedding_provider;
    if (address === undefined) return undefined;
    const refuse = (code: ClusterProblem["code"], path: string, text: string): undefined => void problems.push({ code, path, text });
    if (parseResourceAddress(address)?.kind !== "embedding_provider") return refuse("wrong_kind_reference", `graph.${graphId}`, `its embedding provider is '${address}', which is no provider. Correct the configuration, then apply.`);
    const provider = this.#ledger.resources.get(address);
    if (provider === undefined) return refuse("embedding_provider_missing", address, `graph '${graphId}' embeds with it, and it is not applied. Run 'omnigraph cluster apply' again.`);
    const { embedding_profile: profile, digest } = provider;
    if (profile === undefined) return refuse("embedding_provider_profile_missing", address, "the ledger holds no profile for it. Run 'omnigraph cluster apply' again.");
    if (embeddingProfileDigest(profile) !== digest) return refuse("embedding_provider_digest_mismatch", address, "its profile in the ledger was altered. Run 'omnigraph cluster apply' again.");
    return { address, digest, profile };
  }

  /** A base that a server may follow must not lead to its own files (cluster.md 2.9). */
  #unsafeBlobRules(graphId: string): ClusterProblem | undefined {
    const bases = this.#ledger.resources.get(`graph.${graphId}`)?.external_blob_policy?.bases ?? [];
    const unsafe = bases.find(({ uri, scope }) => scope === "server_safe" && !/^(s3|https):\/\//.test(uri));
    if (unsafe === undefined) return undefined;
    return { code: "invalid_external_blob_policy", path: `graph.${graphId}`, text: "its rules for external blobs let a server follow addresses other than s3:// and https://. Correct the configuration, then apply." };
  }
}

function unreadiness(graphId: string, pendingKind: string | undefined): ClusterProblem | undefined {
  const path = `graph.${graphId}`;
  if (!isGraphId(graphId)) return { code: "invalid_resource_id", path, text: `no route can name this graph. ${GRAPH_ID_RULE}` };
  if (pendingKind === undefined) return undefined;
  return { code: "cluster_recovery_pending", path, text: `an interrupted ${pendingKind} waits to be settled. Run 'omnigraph cluster refresh' or 'omnigraph cluster apply', then start again.` };
}
