import { Graph, type S3Settings } from "@omnigraphdb/engine";
import { makeScratchDir } from "@omnigraphdb/testkit";
import { applyCluster } from "../src/apply/apply-cluster.js";
import { approveChange } from "../src/approve/approve-change.js";
import { validateCluster } from "../src/config/validate-cluster.js";
import type { ClusterDiagnostic } from "../src/diagnostics/cluster-diagnostic.js";
import { contentDigest, embeddingProfileDigest } from "../src/digests.js";
import { encodeLedger } from "../src/ledger/encode-ledger.js";
import { LedgerDraft } from "../src/ledger/ledger-draft.js";
import type { Ledger } from "../src/ledger/ledger.js";
import { isLedgerRead, readLedger } from "../src/ledger/read-ledger.js";
import { importCluster } from "../src/observe/import.js";
import { refreshCluster } from "../src/observe/refresh.js";
import { type ClusterEnvironment, clusterEnvironment } from "../src/run/cluster-environment.js";
import { type ClusterStore, openClusterStore } from "../src/storage/cluster-store.js";
import { resolveStorageRoot } from "../src/storage/storage-root.js";
import { type DeclaredCluster, type DeclaredGraph, declareCluster } from "./declare-cluster.js";

export interface AppliedGraphSpec extends DeclaredGraph {
  /** Records to load when the graph is created, as NDJSON. */
  readonly data?: string;
}

export interface AppliedClusterSpec extends DeclaredCluster {
  readonly graphs: Readonly<Record<string, AppliedGraphSpec>>;
}

export interface AppliedClusterOptions {
  readonly s3?: S3Settings;
}

export interface AppliedCluster {
  readonly root: string;
  readonly store: ClusterStore;
  readonly ledger: Ledger;
  graphUri(graphId: string): string;
}

/**
 * Declares a cluster in a configuration directory of its own, imports and applies it. Called again, it applies the difference: graphs are
 * created or migrated, those that are gone from the specification are approved and deleted, and those whose roots are gone come back, empty.
 *
 * What validation refuses no apply leaves: queries, policies, providers and rules for blobs of such a specification are put into ledger and
 * catalog by hand, on top of its graphs.
 *
 * @param cluster a storage root or a configuration directory
 */
export async function writeAppliedCluster(cluster: string, spec: AppliedClusterSpec, options: AppliedClusterOptions = {}): Promise<AppliedCluster> {
  await using directory = await makeScratchDir();
  const root = await resolveStorageRoot(cluster);
  const environment = clusterEnvironment({ durability: "process", ...options });
  const store = await openClusterStore(root, { durability: "process", ...options });
  const run: Run = { store, environment, configDirectory: `${directory.path}/config` };
  await declareCluster(run.configDirectory, spec, root);
  if ((await validateCluster({ configDirectory: run.configDirectory })).isOk) await applyDeclared(run, spec);
  else {
    const graphs = mapGraphs(spec, ({ schema, data }) => ({ schema, ...(data === undefined ? {} : { data }) }));
    await declareCluster(run.configDirectory, { graphs }, root);
    await applyDeclared(run, { graphs });
    await forge(store, spec);
  }
  return { root, store, ledger: await ledgerOf(store), graphUri: (graphId) => store.layout.graphRoot(graphId) };
}

/** Replaces the ledger as it stands: for states that no apply would leave. */
export function writeLedger(store: ClusterStore, ledger: Ledger): Promise<void> {
  return store.objects.writeText(store.layout.ledger, encodeLedger(ledger));
}

interface Run {
  readonly store: ClusterStore;
  readonly environment: ClusterEnvironment;
  readonly configDirectory: string;
}

async function applyDeclared({ store, ...options }: Run, { graphs }: AppliedClusterSpec): Promise<void> {
  const before = await readLedger(store);
  if (before === undefined) refuseErrors(await importCluster(options));
  const recorded = isLedgerRead(before) ? [...before.ledger.resources.keys()].filter((address) => address.startsWith("graph.")) : [];
  const graphIds = recorded.map((address) => address.slice("graph.".length));
  const areThere = await Promise.all(graphIds.map((graphId) => store.objects.exists(store.layout.graphRoot(graphId))));
  if (areThere.includes(false)) refuseErrors(await refreshCluster(options));
  for (const graphId of graphIds) {
    if (!(graphId in graphs)) refuseErrors(await approveChange({ ...options, actor: "test", address: `graph.${graphId}` }));
  }
  const outcome = await applyCluster({ ...options, actor: "test" });
  refuseErrors(outcome);
  if (!outcome.isConverged) throw new Error("the specification was not applied completely");
  const created = new Set(outcome.changes.filter(({ operation }) => operation === "create").map(({ resource }) => resource));
  for (const [graphId, { data }] of Object.entries(graphs)) {
    if (data !== undefined && created.has(`graph.${graphId}`)) await load(store.layout.graphRoot(graphId), data, options.environment);
  }
}

async function load(uri: string, data: string, { s3 }: ClusterEnvironment): Promise<void> {
  await using graph = await Graph.open(uri, { mode: "rw", settings: { durability: "process", ...(s3 === undefined ? {} : { s3 }) } });
  await graph.load(data, { mode: "append" });
}

/** Records a specification as if it had been applied. */
async function forge(store: ClusterStore, { graphs, policies = {}, providers = {} }: AppliedClusterSpec): Promise<void> {
  const draft = new LedgerDraft(await ledgerOf(store));
  for (const [name, profile] of Object.entries(providers)) draft.setResource(`provider.embedding.${name}`, { digest: embeddingProfileDigest(profile), embedding_profile: profile });
  for (const [name, { text, appliesTo }] of Object.entries(policies)) {
    const digest = contentDigest(text);
    await store.objects.writeText(store.layout.policyObject(name, digest), text);
    draft.setResource(`policy.${name}`, { digest, applies_to: [...new Set(appliesTo)].sort() });
  }
  for (const [graphId, { queries = {}, embeddingProvider, externalBlobPolicy }] of Object.entries(graphs)) {
    for (const [name, text] of Object.entries(queries)) {
      const digest = contentDigest(text);
      await store.objects.writeText(store.layout.queryObject(graphId, name, digest), text);
      draft.setResource(`query.${graphId}.${name}`, { digest });
    }
    draft.setResource(`graph.${graphId}`, {
      digest: "",
      ...(embeddingProvider === undefined ? {} : { embedding_provider: `provider.embedding.${embeddingProvider}` }),
      ...(externalBlobPolicy === undefined ? {} : { external_blob_policy: externalBlobPolicy }),
    });
  }
  await writeLedger(store, draft.finish());
}

async function ledgerOf(store: ClusterStore): Promise<Ledger> {
  const read = await readLedger(store);
  if (!isLedgerRead(read)) throw new Error("the cluster has no ledger that can be read");
  return read.ledger;
}

function refuseErrors({ diagnostics }: { readonly diagnostics: readonly ClusterDiagnostic[] }): void {
  const errors = diagnostics.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map(({ code, path, message }) => `${code} ${path}: ${message}`).join("\n"));
}

function mapGraphs({ graphs }: AppliedClusterSpec, map: (graph: AppliedGraphSpec) => AppliedGraphSpec): AppliedClusterSpec["graphs"] {
  return Object.fromEntries(Object.entries(graphs).map(([graphId, graph]) => [graphId, map(graph)]));
}
