import { Graph, type GraphSettingsInput, type S3Settings } from "@omnigraphdb/engine";
import { encodeLedger } from "../src/ledger/encode-ledger.js";
import type { EmbeddingProfile, ExternalBlobPolicy, Ledger, LedgerResource } from "../src/ledger/ledger.js";
import { isLedgerRead, readLedger } from "../src/ledger/read-ledger.js";
import { contentDigest, embeddingProfileDigest, graphCompositeDigest } from "../src/digests.js";
import { type ClusterStore, openClusterStore } from "../src/storage/cluster-store.js";
import { resolveStorageRoot } from "../src/storage/storage-root.js";

export interface AppliedGraphSpec {
  readonly schema: string;
  /** Records to load when the graph is created, as NDJSON. */
  readonly data?: string;
  /** Text of the file that declares it, by query name. */
  readonly queries?: Readonly<Record<string, string>>;
  /** Name of a provider. */
  readonly embeddingProvider?: string;
  readonly externalBlobPolicy?: ExternalBlobPolicy;
}

export interface AppliedClusterSpec {
  readonly graphs: Readonly<Record<string, AppliedGraphSpec>>;
  /** `appliesTo`: `cluster`, or `graph.<id>`. */
  readonly policies?: Readonly<Record<string, { readonly text: string; readonly appliesTo: readonly string[] }>>;
  readonly providers?: Readonly<Record<string, EmbeddingProfile>>;
}

export interface AppliedClusterOptions {
  readonly s3?: S3Settings;
  readonly settings?: GraphSettingsInput;
}

export interface AppliedCluster {
  readonly root: string;
  readonly store: ClusterStore;
  readonly ledger: Ledger;
  graphUri(graphId: string): string;
}

/**
 * Leaves at `root` what `cluster apply` of such a configuration leaves: graphs, catalog, ledger. Called again, it applies the difference
 * as the next revision: graphs are created or migrated, those that are gone from the specification only leave the ledger.
 *
 * @param cluster a storage root or a configuration directory
 */
export async function writeAppliedCluster(cluster: string, spec: AppliedClusterSpec, options: AppliedClusterOptions = {}): Promise<AppliedCluster> {
  const root = await resolveStorageRoot(cluster);
  const s3 = options.s3 === undefined ? {} : { s3: options.s3 };
  const store = await openClusterStore(root, { durability: "process", ...s3 });
  const settings: GraphSettingsInput = { durability: "process", ...s3, ...options.settings };
  const resources = new Map<string, LedgerResource>();
  for (const [name, profile] of Object.entries(spec.providers ?? {})) {
    resources.set(`provider.embedding.${name}`, { digest: embeddingProfileDigest(profile), embedding_profile: profile });
  }
  for (const [name, { text, appliesTo }] of Object.entries(spec.policies ?? {})) {
    const digest = contentDigest(text);
    await store.objects.writeText(store.layout.policyObject(name, digest), text);
    resources.set(`policy.${name}`, { digest, applies_to: [...new Set(appliesTo)].sort() });
  }
  for (const [graphId, graph] of Object.entries(spec.graphs)) await applyGraph(store, settings, resources, graphId, graph);
  const before = await readLedger(store);
  const ledger: Ledger = {
    stateRevision: isLedgerRead(before) ? before.ledger.stateRevision + 1 : 1,
    configDigest: contentDigest(JSON.stringify(spec)),
    resources,
    statuses: new Map([...resources.keys()].map((address) => [address, { status: "applied" as const }])),
    approvals: new Map(),
    recoveries: new Map(),
    observations: new Map(),
  };
  await writeLedger(store, ledger);
  return { root, store, ledger, graphUri: (graphId) => store.layout.graphRoot(graphId) };
}

/** Replaces the ledger as it stands: for states that no apply would leave. */
export function writeLedger(store: ClusterStore, ledger: Ledger): Promise<void> {
  return store.objects.writeText(store.layout.ledger, encodeLedger(ledger));
}

async function applyGraph(store: ClusterStore, settings: GraphSettingsInput, resources: Map<string, LedgerResource>, graphId: string, spec: AppliedGraphSpec): Promise<void> {
  await createOrMigrate(store.layout.graphRoot(graphId), spec, settings);
  const queryDigests = new Map<string, string>();
  for (const [name, text] of Object.entries(spec.queries ?? {})) {
    const digest = contentDigest(text);
    await store.objects.writeText(store.layout.queryObject(graphId, name, digest), text);
    resources.set(`query.${graphId}.${name}`, { digest });
    queryDigests.set(name, digest);
  }
  const schemaDigest = contentDigest(spec.schema);
  resources.set(`schema.${graphId}`, { digest: schemaDigest });
  const address = spec.embeddingProvider === undefined ? undefined : `provider.embedding.${spec.embeddingProvider}`;
  const providerDigest = address === undefined ? undefined : resources.get(address)?.digest;
  const blobPolicy = spec.externalBlobPolicy === undefined ? {} : { externalBlobPolicy: spec.externalBlobPolicy };
  const digest = graphCompositeDigest({
    graphId,
    schemaDigest,
    queryDigests,
    ...(address === undefined || providerDigest === undefined ? {} : { provider: { address, digest: providerDigest } }),
    ...blobPolicy,
  });
  resources.set(`graph.${graphId}`, {
    digest,
    ...(address === undefined ? {} : { embedding_provider: address }),
    ...(spec.externalBlobPolicy === undefined ? {} : { external_blob_policy: spec.externalBlobPolicy }),
  });
}

async function createOrMigrate(uri: string, { schema, data }: AppliedGraphSpec, settings: GraphSettingsInput): Promise<void> {
  const existing = await Graph.open(uri, { mode: "rw", settings }).catch((error: unknown) => {
    if ((error as { code?: string }).code === "GRAPH_NOT_FOUND") return undefined;
    throw error;
  });
  if (existing !== undefined) {
    try {
      if (existing.schema.source !== schema) await existing.applySchema(schema);
    } finally {
      await existing.close();
    }
    return;
  }
  const created = await Graph.init(uri, schema, { settings });
  try {
    if (data !== undefined) await created.load(data, { mode: "append" });
  } finally {
    await created.close();
  }
}
