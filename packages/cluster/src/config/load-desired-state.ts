import { setImmediate } from "node:timers/promises";
import { didYouMean } from "@omnigraphdb/compiler";
import { GRAPH_ID_RULE, isGraphId } from "@omnigraphdb/common";
import { diagnostic, Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { embeddingProfileDigest, graphCompositeDigest } from "../digests.js";
import type { EmbeddingProfile, ExternalBlobPolicy } from "../ledger/ledger.js";
import { printResourceAddress } from "../resource-address.js";
import { checkBlobPolicy } from "./checks/check-blob-policy.js";
import { CLUSTER_FILE_VERSION, checkHeader } from "./checks/check-header.js";
import { type CheckedPolicy, PolicyChecks } from "./checks/check-policies.js";
import { checkProvider } from "./checks/check-providers.js";
import { findQueries, QueryChecks, type RegisteredQuery } from "./checks/check-queries.js";
import { SchemaChecks } from "./checks/check-schema.js";
import type { ClusterFile, DeclaredGraph, DeclaredProvider } from "./cluster-file.js";
import { shown } from "./config-document.js";
import { configDigest, providerAddress } from "./config-digest.js";
import { dependenciesOf } from "./dependencies.js";
import type { DesiredResource, DesiredState } from "./desired-state.js";
import { openClusterFile, readDeclarations } from "./open-cluster-file.js";
import { readClusterFile } from "./read-cluster-file.js";
import { isUsable, type SourceFile, SourceFiles } from "./source-files.js";

/**
 * Reads what a configuration directory declares, and checks all of it in the order of cluster.md §2.3: everything that is wrong is added,
 * with its place, not just the first. Reads local files only.
 *
 * @returns undefined iff an error was added
 */
export async function loadDesiredState(configDirectory: string, diagnostics: Diagnostics): Promise<DesiredState | undefined> {
  const opened = await openClusterFile(configDirectory, diagnostics);
  if (opened === undefined) return undefined;
  const found = new Diagnostics();
  const file = readDeclarations(opened.document, found, readClusterFile);
  const header = checkHeader(file.header, { configDirectory: opened.configDirectory, configFile: opened.configFile }, found);
  // What a file of another version declares means nothing to this one.
  const isOurs = file.header.version?.value === CLUSTER_FILE_VERSION;
  const resources = isOurs ? await checkResources(file, opened.configDirectory, found) : new Map<string, DesiredResource>();
  diagnostics.addAll(found.list());
  if (header === undefined || found.hasErrors) return undefined;
  return { ...header, configDigest: configDigest(file, resources), resources, dependencies: dependenciesOf(resources.values()) };
}

/** Step 8. @returns the resources by address, ascending; complete unless an error was added */
async function checkResources(file: ClusterFile, configDirectory: string, diagnostics: Diagnostics): Promise<ReadonlyMap<string, DesiredResource>> {
  const files = new SourceFiles(configDirectory);
  const providers = new Map<string, EmbeddingProfile>();
  const providerFindings = new Diagnostics();
  for (const provider of file.providers) providers.set(addressOf(provider), checkProvider(provider, providerFindings));

  const checks: GraphChecks = { files, providers, schemas: new SchemaChecks(), queries: new QueryChecks() };
  const checkedGraphs: CheckedGraph[] = [];
  for (const graph of file.graphs) {
    checkedGraphs.push(checkGraph(graph, checks, diagnostics));
    // A signal is heard after each graph.
    await setImmediate();
  }

  const policyChecks = new PolicyChecks(new Set(file.graphs.map(({ id }) => id)), diagnostics);
  const policies = file.policies.flatMap((policy) => policyChecks.check(policy, policy.file === undefined ? undefined : files.read(policy.file.value)) ?? []);
  diagnostics.addAll(providerFindings.list());

  const resources = [
    ...file.providers.flatMap((provider) => providerResource(provider, providers)),
    ...checkedGraphs.flatMap((graph) => graphResources(graph, providers)),
    ...policies.map(policyResource),
  ];
  return new Map(resources.sort((a, b) => (a.address < b.address ? -1 : 1)).map((resource) => [resource.address, resource]));
}

interface CheckedGraph {
  readonly graph: DeclaredGraph;
  readonly schema: SourceFile | undefined;
  readonly queries: readonly RegisteredQuery[];
  readonly provider: string | undefined;
  readonly blobPolicy: ExternalBlobPolicy | undefined;
}

/** What the checks of all graphs share. */
interface GraphChecks {
  readonly files: SourceFiles;
  readonly providers: ReadonlyMap<string, EmbeddingProfile>;
  readonly schemas: SchemaChecks;
  readonly queries: QueryChecks;
}

function checkGraph(graph: DeclaredGraph, checks: GraphChecks, diagnostics: Diagnostics): CheckedGraph {
  if (!isGraphId(graph.id)) diagnostics.add(diagnostic("invalid_resource_id", graph.path, `'${shown(graph.id)}' cannot name a graph: ${whyNoGraphId(graph.id)}. ${GRAPH_ID_RULE}`, { place: graph.place }));
  const schema = graph.schema === undefined ? undefined : checks.files.read(graph.schema.value);
  const catalog = schema === undefined || graph.schema === undefined ? undefined : checks.schemas.check(graph.schema, schema, diagnostics);
  const provider = checkProviderReference(graph, checks.providers, diagnostics);
  const found = findQueries(graph, checks.files, diagnostics);
  const queries = checks.queries.register(found);
  if (catalog !== undefined) checks.queries.typeCheck(found, queries, catalog);
  else if (queries.length > 0) {
    const { path, place } = graph.queries.at;
    diagnostics.add(diagnostic("query_typecheck_skipped", path, `the ${queries.length} queries of graph '${shown(graph.id)}' were not checked, because its schema has errors; correct it first`, { place }));
  }
  const blobPolicy = checkBlobPolicy(graph, diagnostics);
  return { graph, schema: schema !== undefined && isUsable(schema) ? schema : undefined, queries, provider, blobPolicy };
}

function whyNoGraphId(id: string): string {
  const character = /[^A-Za-z0-9-]/u.exec(id)?.[0];
  if (character !== undefined) return `it contains '${shown(character)}'`;
  if (id === "") return "it is empty";
  return id.length > 64 ? `it has ${id.length} characters` : `'${id}' is a word of the routes`;
}

function checkProviderReference({ embeddingProvider: declared }: DeclaredGraph, providers: ReadonlyMap<string, unknown>, diagnostics: Diagnostics): string | undefined {
  if (declared === undefined) return undefined;
  const address = providerAddress(declared.value);
  if (!/^provider\.embedding\.[^.]+$/.test(address)) {
    diagnostics.add(diagnostic("wrong_kind_reference", declared.path, `'${shown(declared.value)}' is no embedding provider; write the name of one, or 'provider.embedding.<name>'`, { place: declared.place }));
  } else if (!providers.has(address)) {
    const name = address.slice("provider.embedding.".length);
    const suggestion = didYouMean(name, [...providers.keys()].map((known) => known.slice("provider.embedding.".length)));
    diagnostics.add(diagnostic("dangling_embedding_provider_reference", declared.path, `no embedding provider '${shown(name)}' is declared; ${suggestion ?? "declare it under 'providers.embedding', or correct the name"}`, { place: declared.place }));
  }
  return address;
}

function graphResources({ graph: declared, schema, queries, provider, blobPolicy }: CheckedGraph, providers: ReadonlyMap<string, EmbeddingProfile>): readonly DesiredResource[] {
  const graphId = declared.id;
  const profile = provider === undefined ? undefined : providers.get(provider);
  const digest = graphCompositeDigest({
    graphId,
    schemaDigest: schema?.digest,
    queryDigests: new Map(queries.map(({ name, source }) => [name, source.digest])),
    ...(provider === undefined || profile === undefined ? {} : { provider: { address: provider, digest: embeddingProfileDigest(profile) } }),
    ...(blobPolicy === undefined ? {} : { externalBlobPolicy: blobPolicy }),
  });
  const graph: DesiredResource = {
    address: printResourceAddress({ kind: "graph", graphId }),
    kind: "graph",
    digest,
    ...(provider === undefined ? {} : { embeddingProvider: provider }),
    ...(blobPolicy === undefined ? {} : { externalBlobPolicy: blobPolicy }),
    declaredAt: declared.place,
  };
  return [
    graph,
    ...(schema === undefined ? [] : [{ address: printResourceAddress({ kind: "schema", graphId }), kind: "schema" as const, ...schema, declaredAt: declared.schema?.place ?? declared.place }]),
    ...queries.map(({ name, source }): DesiredResource => ({ address: printResourceAddress({ kind: "query", graphId, name }), kind: "query", ...source, declaredAt: declared.queries.at.place })),
  ];
}

function policyResource({ declared: { id: name, place }, source, appliesTo }: CheckedPolicy): DesiredResource {
  return { address: printResourceAddress({ kind: "policy", name }), kind: "policy", ...source, appliesTo, declaredAt: place };
}

function providerResource(provider: DeclaredProvider, profiles: ReadonlyMap<string, EmbeddingProfile>): readonly DesiredResource[] {
  const address = addressOf(provider);
  const profile = profiles.get(address);
  return profile === undefined ? [] : [{ address, kind: "embedding_provider", digest: embeddingProfileDigest(profile), embeddingProfile: profile, declaredAt: provider.place }];
}

function addressOf({ id }: DeclaredProvider): string {
  return printResourceAddress({ kind: "embedding_provider", name: id });
}
