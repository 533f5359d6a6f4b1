import type { ConfigDirectorySpec } from "../../test-support/config-directory.js";

/** A configuration directory, and all that is found in it: `code path file:line:column`. Warnings about external blobs are left out. */
export interface ConfigCase {
  /** Rule of cluster.md, and what is the matter. */
  readonly name: string;
  readonly clusterYaml: string | Uint8Array;
  readonly files?: ConfigDirectorySpec["files"];
  readonly findings: readonly string[];
}

export const SCHEMA = "node Person { name: String @key\n  age: I64?\n}\n";
export const QUERY = "query people() {\n  match { $p: Person }\n  return { $p.name }\n}\n";
export const GRAPH_BUNDLE = "version: 1\ngroups: { all: [ann] }\nrules:\n  - id: reads\n    allow: { actors: { group: all }, actions: [read] }\n";
const RULES = "version: 1\ngroups: { all: [ann] }\nrules:\n";
export const SERVER_BUNDLE = "version: 1\ngroups: { all: [ann] }\nrules:\n  - id: lists\n    allow: { actors: { group: all }, actions: [graph_list] }\n";

const FILES = { "s.pg": SCHEMA, "q.gq": QUERY, "graph.yaml": GRAPH_BUNDLE, "server.yaml": SERVER_BUNDLE };

const graph = (rest: string): string => `version: 1\ngraphs:\n  orders:\n    schema: s.pg\n${rest}`;
const queries = (text: string): string => graph(`    queries: ${text}\n`);
const policies = (text: string): string => `${graph("")}policies:\n${text}`;
const provider = (text: string): string => `version: 1\nproviders:\n  embedding:\n    main: ${text}\n`;
const base = (uri: string, scope = "embedded_only"): string => graph(`    external_blobs:\n      allow:\n        - { base: "${uri}", scope: ${scope} }\n`);
const secondBase = (first: string, second: string): string => graph(`    external_blobs:\n      allow:\n        - { base: "${first}", scope: server_safe }\n        - { base: "${second}", scope: server_safe }\n`);

const bom = (text: string): Uint8Array => new TextEncoder().encode(`\uFEFF${text}`);
const bytes = (...parts: (string | number[])[]): Uint8Array => Buffer.concat(parts.map((part) => Buffer.from(part as string)));

export const FILE_CASES: readonly ConfigCase[] = [
  { name: "§2.2 the smallest file", clusterYaml: "version: 1\n", findings: [] },
  { name: "§2.2 a byte order mark before the file", clusterYaml: bom("version: 1\n"), findings: [] },
  { name: "§2.2 line ends of Windows", clusterYaml: "version: 1\r\nstate:\r\n  lock: maybe\r\n", findings: ["invalid_cluster_yaml state.lock cluster.yaml:3:9"] },
  { name: "§2.2 every key", clusterYaml: `version: 1\nmetadata: { name: depot }\nstorage: data\nstate: { backend: cluster, lock: false }\ngraphs:\n  orders:\n    schema: s.pg\n    queries: [q.gq]\n    embedding_provider: main\n    external_blobs: { allow: [{ base: "s3://media/prod", scope: server_safe }] }\npolicies:\n  team: { file: graph.yaml, applies_to: [orders] }\nproviders: { embedding: { main: { kind: mock } } }\n`, files: FILES, findings: [] },
  { name: "§2.2 mappings and lists without a value are empty ones", clusterYaml: "version: 1\nmetadata:\nstate:\ngraphs:\npolicies:\nproviders:\n", findings: [] },
  { name: "§2.3 step 2: not UTF-8", clusterYaml: bytes("version: 1\nmetadata: { name: d", [0xe9], "pot }\n"), findings: ["cluster_config_read_error DIR/cluster.yaml cluster.yaml:2:20"] },
  { name: "§2.3 step 3: a key twice at the top", clusterYaml: "version: 1\nstorage: a\nstorage: b\n", findings: ["duplicate_yaml_key storage cluster.yaml:3:1"] },
  { name: "§2.3 step 3: keys twice at any depth, all of them", clusterYaml: "version: 1\ngraphs:\n  a:\n    schema: s.pg\n    schema: t.pg\n  a: { schema: s.pg, queries: { x: { file: q.gq, file: r.gq } } }\n", findings: ["duplicate_yaml_key graphs.a cluster.yaml:6:3", "duplicate_yaml_key graphs.a.schema cluster.yaml:5:5", "duplicate_yaml_key graphs.a.queries.x.file cluster.yaml:6:50"] },
  { name: "§2.3 step 3: within a list, and three times", clusterYaml: "version: 1\ngraphs: { a: { schema: s.pg, external_blobs: { allow: [{ base: x, base: y, base: z, scope: s }] } } }\n", findings: ["duplicate_yaml_key graphs.a.external_blobs.allow[0].base cluster.yaml:2:67", "duplicate_yaml_key graphs.a.external_blobs.allow[0].base cluster.yaml:2:76"] },
  { name: "§2.3 step 3: the same key with and without quotes", clusterYaml: 'version: 1\n"version": 1\n', findings: ["duplicate_yaml_key version cluster.yaml:2:1"] },
  { name: "§2.3 steps 3–5 come together and end the checks", clusterYaml: "version: 2\nversion: 2\nunknown: 1\npipelines: {}\ngraphs:\n  a: { streaming: true }\n", findings: ["duplicate_yaml_key version cluster.yaml:2:1", "future_phase_field pipelines cluster.yaml:4:1", "removed_streaming_declaration graphs.a.streaming cluster.yaml:6:8"] },
  ...["apply", "env_file", "pipelines", "embeddings", "ui", "aliases", "bindings"].map((key) => ({ name: `§2.4 ${key} is reserved`, clusterYaml: `version: 1\n${key}: {}\n`, findings: [`future_phase_field ${key} cluster.yaml:2:1`] })),
  { name: "§2.4 reserved names below the top are not", clusterYaml: "version: 1\nproviders: { embedding: { apply: { kind: mock } } }\n", findings: [] },
  { name: "§2.3 step 5: streaming, with a value of any shape", clusterYaml: "version: 1\ngraphs: { a: { schema: s.pg, streaming: }, b: { streaming: { x: 1 } } }\n", findings: ["removed_streaming_declaration graphs.a.streaming cluster.yaml:2:30", "removed_streaming_declaration graphs.b.streaming cluster.yaml:2:49"] },
  { name: "§2.3 step 6: no YAML", clusterYaml: "version: 1\ngraphs: {\n", findings: ["invalid_cluster_yaml cluster.yaml cluster.yaml:3:1"] },
  { name: "§2.3 step 6: a repeated key before what is no YAML", clusterYaml: "version: 1\nversion: 1\ngraphs: {\n", findings: ["duplicate_yaml_key version cluster.yaml:2:1"] },
  { name: "§2.3 step 6: two documents", clusterYaml: "version: 1\n---\nversion: 1\n", findings: ["invalid_cluster_yaml cluster.yaml cluster.yaml:2:1"] },
  { name: "§2.3 step 6: an empty file", clusterYaml: "", findings: ["invalid_cluster_yaml version cluster.yaml:1:1"] },
  { name: "§2.3 step 6: a list", clusterYaml: "- version: 1\n", findings: ["invalid_cluster_yaml cluster.yaml cluster.yaml:1:1"] },
  { name: "§2.3 step 6: version missing", clusterYaml: "metadata: { name: a }\n", findings: ["invalid_cluster_yaml version cluster.yaml:1:1"] },
  { name: "§2.3 step 6: types, all of them, in the order of the text", clusterYaml: "version: one\nmetadata: [a]\nstorage: 5\nstate: { backend: [], lock: yes }\ngraphs: []\npolicies: text\nproviders: { embedding: 1 }\n", findings: ["version 1:10", "metadata 2:11", "storage 3:10", "state.backend 4:19", "state.lock 4:29", "graphs 5:9", "policies 6:11", "providers.embedding 7:25"].map(yaml) },
  { name: "§2.3 step 6: unknown keys at every level", clusterYaml: "version: 1\ngraph: {}\nmetadata: { title: a }\nstate: { locks: true }\ngraphs: { a: { schema: s.pg, schemas: x, external_blobs: { deny: [], allow: [{ base: 's3://a', scope: server_safe, url: x }] }, queries: { x: { file: q.gq, name: x } } } }\npolicies: { p: { file: graph.yaml, apply_to: [a], applies_to: [a] } }\nproviders: { storage: {}, embedding: { main: { kind: mock, key: x } } }\n", files: { ...FILES, "q.gq": QUERY.replace("people", "x") }, findings: ["graph 2:1", "metadata.title 3:13", "state.locks 4:10", "graphs.a.schemas 5:30", "graphs.a.external_blobs.deny 5:60", "graphs.a.external_blobs.allow[0].url 5:116", "graphs.a.queries.x.name 5:157", "policies.p.apply_to 6:36", "providers.storage 7:14", "providers.embedding.main.key 7:60"].map(yaml) },
  { name: "§2.3 step 6: what is misspelt is not missing as well", clusterYaml: "versio: 1\ngraphs: { a: { shema: s.pg } }\npolicies: { p: { fil: x, apply_to: [a] } }\nproviders: { embedding: { main: { apikey: x } } }\n", findings: ["versio 1:1", "graphs.a.shema 2:16", "policies.p.fil 3:18", "policies.p.apply_to 3:26", "providers.embedding.main.apikey 4:35"].map(yaml) },
  { name: "§2.3 step 6: what is missing", clusterYaml: "version: 1\ngraphs:\n  a:\n  b: { queries: { x: {} } }\n  c: { schema: s.pg, external_blobs: { allow: [{}] } }\npolicies:\n  p: { applies_to: [a] }\n", files: FILES, findings: ["graphs.a.schema 3:3", "graphs.b.schema 4:3", "graphs.b.queries.x.file 4:19", "graphs.c.external_blobs.allow[0].base 5:48", "graphs.c.external_blobs.allow[0].scope 5:48", "policies.p.file 7:3"].map(yaml) },
  { name: "§2.3 step 6: blank and impossible paths", clusterYaml: 'version: 1\ngraphs: { a: { schema: " ", queries: "q\\0.gq" } }\n', findings: ["graphs.a.schema 2:24", "graphs.a.queries 2:38"].map(yaml) },
  { name: "§2.3 step 6: forms of queries that there are not", clusterYaml: "version: 1\ngraphs: { a: { schema: s.pg, queries: 5 }, b: { schema: s.pg, queries: [[q.gq]] }, c: { schema: s.pg, queries: { x: q.gq } } }\n", files: FILES, findings: ["graphs.a.queries 2:39", "graphs.b.queries[0] 2:73", "graphs.c.queries.x 2:117"].map(yaml) },
  { name: "§2.3 step 6: anchors, aliases, merge keys and tags", clusterYaml: "version: !!int 1\ngraphs:\n  a: &a { schema: s.pg }\n  b: *a\n  c:\n    <<: *a\n    schema: s.pg\n", files: FILES, findings: ["version 1:16", "graphs.a 3:9", "graphs.b 4:6", "graphs.c.<< 6:5", "graphs.c.<< 6:9"].map(yaml) },
  { name: "§2.3 step 6: a mapping as key", clusterYaml: "version: 1\ngraphs:\n  ? [a]\n  : { schema: s.pg }\n", findings: ["invalid_cluster_yaml graphs cluster.yaml:3:5"] },
  { name: "§2.3 step 6: YAML 1.1", clusterYaml: "%YAML 1.1\n---\nversion: 1\n", findings: ["invalid_cluster_yaml cluster.yaml cluster.yaml:1:1"] },
  { name: "§2.3 step 7: another version, whose resources mean nothing to us", clusterYaml: "version: 2\ngraphs: { a_b: { schema: none.pg } }\n", findings: ["unsupported_cluster_config_version version cluster.yaml:1:10"] },
  { name: "§2.3 step 7: all of the header", clusterYaml: "version: 1\nmetadata: { name: ' ' }\nstate: { backend: s3 }\nstorage: '  '\n", findings: ["empty_metadata_name metadata.name cluster.yaml:2:19", "unsupported_state_backend state.backend cluster.yaml:3:19", "invalid_storage_root storage cluster.yaml:4:10"] },
  { name: "§2.3 step 7: keys of the header without a value", clusterYaml: "version: 1\nmetadata: { name: }\nstorage:\n", findings: ["empty_metadata_name metadata.name cluster.yaml:2:13", "invalid_storage_root storage cluster.yaml:3:1"] },
  { name: "§2.3 steps 6, 7 and 8 come together", clusterYaml: "version: 1\nstate: { backend: s3 }\ngraphs: { a_b: { schema: s.pg, oops: 1 } }\n", files: FILES, findings: ["invalid_cluster_yaml graphs.a_b.oops cluster.yaml:3:32", "unsupported_state_backend state.backend cluster.yaml:2:19", "invalid_resource_id graphs.a_b cluster.yaml:3:11"] },
  { name: "§2.5 a bucket without a name", clusterYaml: "version: 1\nstorage: s3://\n", findings: ["invalid_storage_root storage cluster.yaml:2:10"] },
  { name: "§2.5 a kind of address that nothing is stored at", clusterYaml: "version: 1\nstorage: gs://bucket\n", findings: ["storage_root_invalid storage cluster.yaml:2:10"] },
];

function yaml(finding: string): string {
  const [path, place] = finding.split(" ");
  return `invalid_cluster_yaml ${path} cluster.yaml:${place}`;
}

export const RESOURCE_CASES: readonly ConfigCase[] = [
  ...[
    ["a_b", "graphs"], ["a.b", "graphs"], ["ä", "graphs"], ["policies", "graphs"], ["healthz", "graphs"], ["openapi", "graphs"], ["graphs", "graphs"], ["x".repeat(65), "graphs"], ["''", "graphs"],
  ].map(([id = ""]) => ({ name: `2.6.1 graph id ${id.slice(0, 12)}`, clusterYaml: `version: 1\ngraphs:\n  ${id}: { schema: s.pg }\n`, files: FILES, findings: [`invalid_resource_id graphs.${id.replaceAll("'", "")} cluster.yaml:3:3`] })),
  ...["2024", "A-1", "x".repeat(64), "-"].map((id) => ({ name: `2.6.1 graph id ${id.slice(0, 12)} is one`, clusterYaml: `version: 1\ngraphs:\n  ${id}: { schema: s.pg }\n`, files: FILES, findings: [] })),
  { name: "2.6.1 ids of queries, policies and providers", clusterYaml: "version: 1\ngraphs: { a: { schema: s.pg, queries: { 1x: { file: q.gq } } } }\npolicies: { a.b: { file: graph.yaml, applies_to: [a] } }\nproviders: { embedding: { -x: { kind: mock } } }\n", files: FILES, findings: ["invalid_resource_id graphs.a.queries.1x cluster.yaml:2:41", "query_key_mismatch graphs.a.queries.1x cluster.yaml:2:41", "invalid_resource_id policies.a.b cluster.yaml:3:13", "invalid_resource_id providers.embedding.-x cluster.yaml:4:27"] },
  { name: "2.6.2 no schema file", clusterYaml: graph(""), findings: ["schema_file_missing graphs.orders.schema cluster.yaml:4:13"] },
  { name: "2.6.2 a folder as schema", clusterYaml: graph(""), files: { "s.pg/x": "" }, findings: ["schema_file_missing graphs.orders.schema cluster.yaml:4:13"] },
  { name: "2.6.2 a schema that does not parse", clusterYaml: graph(""), files: { "s.pg": "node A {\n  x String\n}\n" }, findings: ["schema_parse_error graphs.orders.schema s.pg:2:5"] },
  { name: "2.6.2 a schema that is no UTF-8", clusterYaml: graph(""), files: { "s.pg": bytes("node A { x: String }\n// caf", [0xe9]) }, findings: ["schema_parse_error graphs.orders.schema s.pg:2:7"] },
  { name: "2.6.2 a schema with a byte order mark", clusterYaml: graph(""), files: { "s.pg": bom(SCHEMA) }, findings: ["schema_parse_error graphs.orders.schema s.pg:1:1"] },
  { name: "2.6.2 types that do not fit together, all of them", clusterYaml: graph(""), files: { "s.pg": "node A { x: String }\nnode A { y: String }\nedge E: A -> B\nedge F: C -> A\n" }, findings: ["schema_catalog_error graphs.orders.schema s.pg:2:6", "schema_catalog_error graphs.orders.schema s.pg:3:14", "schema_catalog_error graphs.orders.schema s.pg:4:9"] },
  { name: "2.6.3 a folder that is not there", clusterYaml: queries("queries/"), files: FILES, findings: ["query_dir_unreadable graphs.orders.queries cluster.yaml:5:14"] },
  { name: "2.6.3 a folder without queries", clusterYaml: queries("queries/"), files: { ...FILES, "queries/a.txt": "", "queries/.b.gq": "", "queries/deep/c.gq": QUERY }, findings: ["query_dir_empty graphs.orders.queries cluster.yaml:5:14"] },
  { name: "2.6.3 a folder called like a query within a folder", clusterYaml: queries("queries/"), files: { ...FILES, "queries/a.gq/x": "" }, findings: ["query_file_missing graphs.orders.queries cluster.yaml:5:14"] },
  { name: "2.6.3 a file that is not there", clusterYaml: queries("none.gq"), files: FILES, findings: ["query_file_missing graphs.orders.queries cluster.yaml:5:14"] },
  { name: "2.6.3 a list with a file and a folder that are not there", clusterYaml: queries("[none.gq, q.gq, none/]"), files: FILES, findings: ["query_dir_unreadable graphs.orders.queries[2] cluster.yaml:5:30", "query_file_missing graphs.orders.queries[0] cluster.yaml:5:15"] },
  { name: "2.6.3 a query that does not parse", clusterYaml: queries("q.gq"), files: { ...FILES, "q.gq": "query people( {\n" }, findings: ["query_parse_error graphs.orders.queries q.gq:1:15"] },
  { name: "2.6.3 a query file that is no UTF-8, and one with a mark", clusterYaml: queries("[a.gq, b.gq]"), files: { ...FILES, "a.gq": bytes([0xff]), "b.gq": bom(QUERY) }, findings: ["query_parse_error graphs.orders.queries[0] a.gq:1:1", "query_parse_error graphs.orders.queries[1] b.gq:1:1"] },
  { name: "2.6.3 one name in two files", clusterYaml: queries("[a.gq, b.gq]"), files: { ...FILES, "a.gq": QUERY, "b.gq": `// again\n${QUERY}` }, findings: ["duplicate_query_name graphs.orders.queries b.gq:2:7"] },
  { name: "2.6.3 one name twice in a file", clusterYaml: queries("{ people: { file: q.gq } }"), files: { ...FILES, "q.gq": `${QUERY}${QUERY}` }, findings: ["duplicate_query_name graphs.orders.queries.people q.gq:5:7"] },
  { name: "2.6.3 one file listed twice", clusterYaml: queries("[q.gq, ./]"), files: FILES, findings: ["duplicate_query_name graphs.orders.queries[1] cluster.yaml:5:21"] },
  { name: "2.6.3 a key that the file does not declare", clusterYaml: queries("{ persons: { file: q.gq } }"), files: FILES, findings: ["query_key_mismatch graphs.orders.queries.persons cluster.yaml:5:16"] },
  { name: "2.6.3 queries that do not fit the schema, all of them", clusterYaml: queries("q.gq"), files: { ...FILES, "q.gq": `query a() {\n  match { $p: Nobody }\n  return { $p.name }\n}\n${QUERY}query c() {\n  match { $p: Person }\n  return { $p.nome }\n}\n` }, findings: ["query_typecheck_error graphs.orders.queries q.gq:2:15", "query_typecheck_error graphs.orders.queries q.gq:11:15"] },
  { name: "2.6.3 queries of a graph whose schema is broken", clusterYaml: queries("[q.gq, r.gq]"), files: { ...FILES, "s.pg": "node {", "r.gq": "query (" }, findings: ["schema_parse_error graphs.orders.schema s.pg:1:6", "query_parse_error graphs.orders.queries[1] r.gq:1:7", "query_typecheck_skipped graphs.orders.queries cluster.yaml:5:5"] },
  { name: "2.6.3 a broken file of two graphs is reported once, each graph's type errors of it are its own", clusterYaml: "version: 1\ngraphs:\n  a: { schema: s.pg, queries: [broken.gq, q.gq] }\n  b: { schema: t.pg, queries: [broken.gq, q.gq] }\n  c: { schema: t.pg, queries: q.gq }\n", files: { ...FILES, "t.pg": "node Other { x: String }\n", "broken.gq": "query (" }, findings: ["query_parse_error graphs.a.queries[0] broken.gq:1:7", "query_typecheck_error graphs.b.queries q.gq:2:15", "query_typecheck_error graphs.c.queries q.gq:2:15"] },
  { name: "2.7.1 targets that are none", clusterYaml: policies("  p: { file: graph.yaml, applies_to: [schema.orders, graph., order, graph.fleet, provider.embedding.x] }\n"), files: FILES, findings: ["wrong_kind_reference policies.p.applies_to[0] cluster.yaml:6:39", "wrong_kind_reference policies.p.applies_to[1] cluster.yaml:6:54", "dangling_graph_reference policies.p.applies_to[2] cluster.yaml:6:62", "dangling_graph_reference policies.p.applies_to[3] cluster.yaml:6:69", "wrong_kind_reference policies.p.applies_to[4] cluster.yaml:6:82"] },
  { name: "2.7.1 no targets: absent, empty and without a value", clusterYaml: policies("  p: { file: graph.yaml }\n  q: { file: graph.yaml, applies_to: [] }\n  r:\n    file: graph.yaml\n    applies_to:\n"), files: FILES, findings: ["policy_missing_applies_to policies.p.applies_to cluster.yaml:6:3", "policy_missing_applies_to policies.q.applies_to cluster.yaml:7:3", "policy_missing_applies_to policies.r.applies_to cluster.yaml:8:3"] },
  { name: "2.7.1 targets that are no text", clusterYaml: policies("  p: { file: graph.yaml, applies_to: orders }\n  q: { file: graph.yaml, applies_to: [5, { a: 1 }] }\n"), files: FILES, findings: ["policies.p.applies_to 6:38", "policies.q.applies_to[0] 7:39", "policies.q.applies_to[1] 7:42"].map(yaml) },
  { name: "2.7.2 two bundles for one scope", clusterYaml: policies("  p: { file: graph.yaml, applies_to: [orders, graph.orders] }\n  q: { file: graph.yaml, applies_to: [graph.orders] }\n  r: { file: server.yaml, applies_to: [cluster] }\n  s: { file: server.yaml, applies_to: [cluster] }\n"), files: FILES, findings: ["duplicate_policy_binding policies.q.applies_to[0] cluster.yaml:7:39", "duplicate_policy_binding policies.s.applies_to[0] cluster.yaml:9:40"] },
  { name: "2.7.2 one bundle for the cluster and a graph", clusterYaml: policies("  p: { file: graph.yaml, applies_to: [orders, cluster] }\n"), files: FILES, findings: ["policy_mixed_binding_kinds policies.p.applies_to[1] cluster.yaml:6:47"] },
  { name: "2.7.3 no bundle", clusterYaml: policies("  p: { file: none.yaml, applies_to: [orders] }\n"), files: FILES, findings: ["policy_file_missing policies.p.file cluster.yaml:6:14"] },
  { name: "2.7.3 a bundle that is no UTF-8", clusterYaml: policies("  p: { file: b.yaml, applies_to: [orders] }\n"), files: { ...FILES, "b.yaml": bytes("version: 1\n", [0xc3, 0x28]) }, findings: ["policy_invalid policies.p.file b.yaml:2:1"] },
  ...bundleCases([
    ["§15 no YAML", "version: [", "graph", ["1:11"]],
    ["§15 no version", "rules: []", "graph", ["1:1"]],
    ["§15 another version", "version: 2", "graph", ["1:10"]],
    ["§15 an unknown key", "version: 1\nrule: []", "graph", ["2:1"]],
    ["§15 kind as the binding", "version: 1\nkind: graph", "graph", []],
    ["§15, C9 kind against the binding", "version: 1\nkind: server", "graph", ["2:7"]],
    ["§15, C9 kind against the binding to the cluster", "version: 1\nkind: graph", "cluster", ["2:7"]],
    ["§15 a group without actors", "version: 1\ngroups: { a: [] }", "graph", ["2:14"]],
    ["§15 a group that is not declared", "version: 1\nrules: [{ id: r, allow: { actors: { group: a }, actions: [read] } }]", "graph", ["2:44"]],
    ["§15 a rule without an id, one without actions, one twice", `${RULES}  - allow: { actors: { group: all }, actions: [read] }\n  - { id: r, allow: { actors: { group: all }, actions: [] } }\n  - { id: r, allow: { actors: { group: all }, actions: [read] } }\n`, "graph", ["4:5", "5:56", "6:11"]],
    ["§15 an unknown action", `${RULES}  - { id: r, allow: { actors: { group: all }, actions: [write] } }\n`, "graph", ["4:57"]],
    ["§15 branch_scope with schema_apply, target_branch_scope with read", `${RULES}  - { id: r, allow: { actors: { group: all }, actions: [schema_apply], branch_scope: any } }\n  - { id: s, allow: { actors: { group: all }, actions: [read], target_branch_scope: any } }\n`, "graph", ["4:57", "5:57"]],
    ["§15 both scopes, and one that is none", `${RULES}  - { id: r, allow: { actors: { group: all }, actions: [read], branch_scope: any, target_branch_scope: any } }\n  - { id: s, allow: { actors: { group: all }, actions: [read], branch_scope: some } }\n`, "graph", ["4:104", "5:78"]],
    ["§15 graph_list in a bundle of a graph", SERVER_BUNDLE, "graph", ["5:48"]],
    ["§15 graph actions in the bundle of the cluster", GRAPH_BUNDLE, "cluster", ["5:48"]],
    ["§15 graph_list with a scope", `${RULES}  - { id: r, allow: { actors: { group: all }, actions: [graph_list], branch_scope: any } }\n`, "cluster", ["4:57"]],
    ["§15 nothing is allowed", "version: 1", "graph", []],
  ]),
  { name: "§2.8 every kind", clusterYaml: "version: 1\nproviders:\n  embedding:\n    a: { api_key: \"${KEY}\" }\n    b: { provider: openai, model: m, api_key: \"${KEY_2}\" }\n    c: { kind: gemini, base_url: https://example.org/v1/, api_key: \"${_K}\" }\n    d: { kind: mock }\n", findings: [] },
  ...["http://localhost:11434/v1", "http://127.0.0.1:8080", "http://[::1]/v1", "http://x.localhost"].map((url) => ({ name: `§2.8 no key for ${url}`, clusterYaml: provider(`{ base_url: "${url}" }`), findings: [] })),
  { name: "§2.8 an unknown kind", clusterYaml: provider('{ kind: other, api_key: "${K}" }'), findings: ["invalid_embedding_provider providers.embedding.main.kind cluster.yaml:4:19"] },
  { name: "§2.8 kind in both spellings", clusterYaml: provider("{ kind: mock, provider: mock }"), findings: ["invalid_cluster_yaml providers.embedding.main.provider cluster.yaml:4:35"] },
  ...["nowhere", "ftp://example.org", "https://user:secret@example.org", "https://example.org/?key=secret", "https://example.org/#x"].map((url) => ({ name: `§2.8 base_url ${url}`, clusterYaml: provider(`{ base_url: "${url}", api_key: "\${K}" }`), findings: ["invalid_embedding_provider providers.embedding.main.base_url cluster.yaml:4:23"] })),
  { name: "§2.8 a blank model", clusterYaml: provider("{ kind: mock, model: '' }"), findings: ["invalid_embedding_provider providers.embedding.main.model cluster.yaml:4:32"] },
  ...["sk-secret", "$KEY", "${KEY}x", "${1KEY}", "${}", "x${KEY}"].map((key) => ({ name: `§2.8 a key in the file: ${key}`, clusterYaml: provider(`{ api_key: "${key}" }`), findings: ["embedding_api_key_inline providers.embedding.main.api_key cluster.yaml:4:22"] })),
  { name: "§2.8 a number as key", clusterYaml: provider("{ api_key: 12345 }"), findings: ["invalid_cluster_yaml providers.embedding.main.api_key cluster.yaml:4:22"] },
  { name: "§2.8 no key, and a blank one", clusterYaml: "version: 1\nproviders:\n  embedding:\n    a: {}\n    b: { kind: openai, base_url: https://localhost.example.org }\n    c: { api_key: ' ' }\n", findings: ["embedding_api_key_required providers.embedding.a.api_key cluster.yaml:4:5", "embedding_api_key_required providers.embedding.b.api_key cluster.yaml:5:5", "embedding_api_key_required providers.embedding.c.api_key cluster.yaml:6:19"] },
  { name: "§2.8 a provider that is not declared", clusterYaml: graph("    embedding_provider: main\n"), files: FILES, findings: ["dangling_embedding_provider_reference graphs.orders.embedding_provider cluster.yaml:5:25"] },
  { name: "§2.8 a provider reference of another kind", clusterYaml: graph("    embedding_provider: policy.main\n"), files: FILES, findings: ["wrong_kind_reference graphs.orders.embedding_provider cluster.yaml:5:25"] },
  { name: "§2.9 no bases", clusterYaml: graph("    external_blobs: {}\n"), files: FILES, findings: [] },
  ...[["s3://media", "server_safe"], ["s3://media/prod", "embedded_only"], ["https://cdn.example.org/a%20b", "server_safe"], ["https://cdn.example.org:8443/x", "server_safe"], ["http://intranet/x", "embedded_only"], ["file:///tmp", "embedded_only"]].map(([uri = "", scope]) => ({ name: `§2.9 base ${uri}, ${scope}`, clusterYaml: base(uri, scope), files: FILES, findings: [] })),
  ...["media/prod", "/srv/media", "s3:media", "s3:///media", "s3://key:secret@media", "https://user@example.org/x", "https://example.org/x?a=b", "https://example.org/x#a", "s3://media/a/../b", "s3://media/./a", "s3://media/", "s3://media//a", "s3://media/%2e%2e/x", "HTTPS://example.org/x", "https://EXAMPLE.org/x", "https://example.org:443/x", "ftp://example.org/x", "file:///does-not-exist-anywhere", "file://host/tmp", "file:///etc/hostname", "file:///tmp/"].map((uri) => ({ name: `§2.9 base ${uri}`, clusterYaml: base(uri), files: FILES, findings: ["invalid_external_blob_base graphs.orders.external_blobs.allow[0].base cluster.yaml:7:19"] })),
  ...[["file:///tmp", "server_safe"], ["http://intranet/x", "server_safe"]].map(([uri = "", scope]) => ({ name: `§2.9 base ${uri}, ${scope}`, clusterYaml: base(uri, scope), files: FILES, findings: ["invalid_external_blob_base graphs.orders.external_blobs.allow[0].base cluster.yaml:7:19"] })),
  { name: "§2.9 an unknown scope", clusterYaml: base("s3://m", "all"), files: FILES, findings: ["invalid_external_blob_base graphs.orders.external_blobs.allow[0].scope cluster.yaml:7:36"] },
  ...[["s3://m/a", "s3://m/a"], ["s3://m/a", "s3://m/a/b"], ["s3://m/a/b", "s3://m"]].map(([first = "", second = ""]) => ({ name: `§2.9 ${first} and ${second} overlap`, clusterYaml: secondBase(first, second), files: FILES, findings: ["invalid_external_blob_policy graphs.orders.external_blobs.allow[1].base cluster.yaml:8:19"] })),
  { name: "§2.9 whole components are compared", clusterYaml: secondBase("s3://m/a", "s3://m/ab"), files: FILES, findings: [] },
];

function bundleCases(rows: readonly (readonly [name: string, text: string, binding: string, places: readonly string[]])[]): readonly ConfigCase[] {
  return rows.map(([name, text, binding, places]) => ({
    name,
    clusterYaml: policies(`  p: { file: b.yaml, applies_to: [${binding === "cluster" ? "cluster" : "orders"}] }\n`),
    files: { ...FILES, "b.yaml": text },
    findings: places.map((place) => `policy_invalid policies.p.file b.yaml:${place}`),
  }));
}
