import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, rename, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { must } from "@omnigraphdb/common";
import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DesiredState } from "../../src/config/desired-state.js";
import { loadClusterHeader } from "../../src/config/load-cluster-header.js";
import { loadDesiredState } from "../../src/config/load-desired-state.js";
import { rereadSource } from "../../src/config/reread-source.js";
import { validateCluster } from "../../src/config/validate-cluster.js";
import { Diagnostics } from "../../src/diagnostics/cluster-diagnostic.js";
import { type ConfigDirectorySpec, writeConfigDirectory } from "../../test-support/config-directory.js";
import { GRAPH_BUNDLE, QUERY, SCHEMA, SERVER_BUNDLE } from "./config-cases.js";

let temp: TempDir;
let count = 0;

beforeAll(async () => {
  temp = await makeTempDir();
});
afterAll(() => temp[Symbol.asyncDispose]());

const sha256 = (text: string | Uint8Array): string => createHash("sha256").update(text).digest("hex");

const YAML = `version: 1
metadata: { name: depot-prod }
providers:
  embedding:
    main: { model: m, api_key: "\${DEPOT_KEY}" }
graphs:
  orders:
    schema: orders/schema.pg
    queries: orders/queries/
    embedding_provider: main
    external_blobs: { allow: [{ base: "s3://b", scope: server_safe }, { base: "s3://a", scope: embedded_only }] }
  fleet:
    schema: ./fleet/../fleet/schema.pg
    queries: [shared/audit.gq, fleet/more.gq]
    embedding_provider: provider.embedding.main
policies:
  house: { file: policies/house.yaml, applies_to: [cluster] }
  team: { file: policies/team.yaml, applies_to: [orders, graph.fleet, graph.orders] }
`;

const EXAMPLE = `version: 1
metadata:
  name: depot-prod
storage: s3://depot-state/prod
state:
  backend: cluster
  lock: true

providers:
  embedding:
    main:
      kind: openai-compatible
      model: openai/text-embedding-3-large
      api_key: \${DEPOT_EMBED_KEY}

graphs:
  orders:
    schema: orders/schema.pg
    queries: orders/queries/
    embedding_provider: main
  fleet:
    schema: fleet/schema.pg
    queries:
      - fleet/queries/
      - shared/audit.gq

policies:
  house:
    file: policies/house.yaml
    applies_to: [cluster]
  team:
    file: policies/team.yaml
    applies_to: [orders, graph.fleet]
`;

const FILES: Readonly<Record<string, string>> = {
  "orders/schema.pg": SCHEMA,
  "orders/queries/b.gq": `${QUERY}query second() {\n  match { $p: Person }\n  return { $p.age }\n}\n`,
  "orders/queries/a.gq": QUERY.replace("people", "first"),
  "fleet/schema.pg": SCHEMA.replaceAll("\n", "\r\n"),
  "shared/audit.gq": QUERY.replace("people", "audit"),
  "fleet/more.gq": QUERY.replace("people", "more"),
  "policies/house.yaml": SERVER_BUNDLE,
  "policies/team.yaml": GRAPH_BUNDLE,
};

async function directoryWith(spec: ConfigDirectorySpec): Promise<string> {
  return writeConfigDirectory(join(temp.path, String(count++)), spec);
}

async function load(spec: ConfigDirectorySpec = { clusterYaml: YAML, files: FILES }): Promise<DesiredState> {
  const diagnostics = new Diagnostics();
  const desired = await loadDesiredState(await directoryWith(spec), diagnostics);
  expect(diagnostics.list()).toEqual([]);
  return must(desired, "nothing is wrong");
}

describe("cluster.md §3: desired state", () => {
  test("§3.1 every resource has its address and kind, in the order of addresses; 2.6.4 its content is the whole file", async () => {
    const { resources, configDirectory } = await load();
    expect([...resources].map(([address, { kind, path }]) => [address, kind, path])).toEqual([
      ["graph.fleet", "graph", undefined],
      ["graph.orders", "graph", undefined],
      ["policy.house", "policy", "policies/house.yaml"],
      ["policy.team", "policy", "policies/team.yaml"],
      ["provider.embedding.main", "embedding_provider", undefined],
      ["query.fleet.audit", "query", "shared/audit.gq"],
      ["query.fleet.more", "query", "fleet/more.gq"],
      ["query.orders.first", "query", "orders/queries/a.gq"],
      ["query.orders.people", "query", "orders/queries/b.gq"],
      ["query.orders.second", "query", "orders/queries/b.gq"],
      ["schema.fleet", "schema", "fleet/schema.pg"],
      ["schema.orders", "schema", "orders/schema.pg"],
    ]);
    expect(resources.get("query.orders.second")).toMatchObject({ file: join(configDirectory, "orders/queries/b.gq"), text: FILES["orders/queries/b.gq"] });
    expect(resources.get("query.orders.second")?.digest).toBe(resources.get("query.orders.people")?.digest);
  });

  test("2.7.1 targets are in normal form, sorted, each once", async () => {
    const { resources } = await load();
    expect(resources.get("policy.team")?.appliesTo).toEqual(["graph.fleet", "graph.orders"]);
    expect(resources.get("policy.house")?.appliesTo).toEqual(["cluster"]);
  });

  test("§3.2 dependencies", async () => {
    const { dependencies } = await load();
    expect(dependencies.map(({ from, to }) => `${from} → ${to}`)).toEqual([
      "graph.fleet → provider.embedding.main",
      "graph.orders → provider.embedding.main",
      "policy.team → graph.fleet",
      "policy.team → graph.orders",
      "query.fleet.audit → graph.fleet",
      "query.fleet.audit → schema.fleet",
      "query.fleet.more → graph.fleet",
      "query.fleet.more → schema.fleet",
      "query.orders.first → graph.orders",
      "query.orders.first → schema.orders",
      "query.orders.people → graph.orders",
      "query.orders.people → schema.orders",
      "query.orders.second → graph.orders",
      "query.orders.second → schema.orders",
      "schema.fleet → graph.fleet",
      "schema.orders → graph.orders",
    ]);
  });

  test("§3.3 digests, each written out", async () => {
    const { resources } = await load();
    const digest = (address: string): string => must(resources.get(address), address).digest;
    expect(digest("schema.fleet")).toBe(sha256(FILES["fleet/schema.pg"] ?? ""));
    expect(digest("query.fleet.audit")).toBe(sha256(FILES["shared/audit.gq"] ?? ""));
    expect(digest("policy.house")).toBe(sha256(SERVER_BUNDLE));
    const provider = sha256('embedding-provider\0{"kind":"openai-compatible","model":"m","api_key":"${DEPOT_KEY}"}');
    expect(digest("provider.embedding.main")).toBe(provider);
    expect(resources.get("provider.embedding.main")?.embeddingProfile).toEqual({ kind: "openai-compatible", model: "m", api_key: "${DEPOT_KEY}" });
    const bound = `embedding_provider\0provider.embedding.main\0${provider}\0`;
    expect(digest("graph.fleet")).toBe(sha256(`graph\0fleet\0schema\0${digest("schema.fleet")}\0query\0audit\0${digest("query.fleet.audit")}\0query\0more\0${digest("query.fleet.more")}\0${bound}`));
    const queries = ["first", "people", "second"].map((name) => `query\0${name}\0${digest(`query.orders.${name}`)}\0`).join("");
    const blobs = 'external_blob_policy\0{"mode":"allow","bases":[{"uri":"s3://a","scope":"embedded_only"},{"uri":"s3://b","scope":"server_safe"}]}\0';
    expect(digest("graph.orders")).toBe(sha256(`graph\0orders\0schema\0${digest("schema.orders")}\0${queries}${bound}${blobs}`));
  });

  test("§3.3 a file's digest is that of its bytes, a byte order mark included", async () => {
    const text = `\uFEFF${GRAPH_BUNDLE}`;
    const { resources } = await load({ clusterYaml: YAML, files: { ...FILES, "policies/team.yaml": text } });
    expect(resources.get("policy.team")).toMatchObject({ digest: sha256(Buffer.from(text, "utf8")), text });
  });

  test("§2.1 absolute paths are allowed, and shown as such", async () => {
    const elsewhere = await directoryWith({ files: { "s.pg": SCHEMA, "q/x.gq": QUERY } });
    const { resources } = await load({ clusterYaml: `version: 1\ngraphs: { a: { schema: "${elsewhere}/s.pg", queries: "${elsewhere}/q" } }\n` });
    expect(resources.get("schema.a")?.path).toBe(`${elsewhere}/s.pg`);
    expect(resources.get("query.a.people")?.path).toBe(`${elsewhere}/q/x.gq`);
  });

  test("2.6.3 the explicit form registers the named query alone", async () => {
    const { resources } = await load({ clusterYaml: "version: 1\ngraphs: { a: { schema: s.pg, queries: { second: { file: b.gq } } } }\n", files: { "s.pg": SCHEMA, "b.gq": FILES["orders/queries/b.gq"] ?? "" } });
    expect([...resources.keys()]).toEqual(["graph.a", "query.a.second", "schema.a"]);
  });

  test("§2.9 the default is no policy, and an empty list is the default", async () => {
    const { resources } = await load({ clusterYaml: "version: 1\ngraphs: { a: { schema: s.pg, external_blobs: { allow: [] } } }\n", files: { "s.pg": SCHEMA } });
    expect(resources.get("graph.a")).not.toHaveProperty("externalBlobPolicy");
  });

  test("§18.2.15: explicit state, a folder of queries, policies for the cluster and for a bare id", async () => {
    const { isLockEnabled, resources } = await load({
      clusterYaml: "version: 1\nstate: {backend: cluster, lock: true}\ngraphs:\n  orders:\n    schema: s.pg\n    queries: q/\npolicies:\n  a: {file: a.yaml, applies_to: [cluster]}\n  b: {file: b.yaml, applies_to: [orders]}\n",
      files: { "s.pg": SCHEMA, "q/x.gq": QUERY, "a.yaml": SERVER_BUNDLE, "b.yaml": GRAPH_BUNDLE },
    });
    expect(isLockEnabled).toBe(true);
    expect([...resources.keys()]).toEqual(["graph.orders", "policy.a", "policy.b", "query.orders.people", "schema.orders"]);
  });

  test("2.10 the example of the specification, and its folder of shared queries", async () => {
    const { name, storageRoot, isLockEnabled, resources } = await load({ clusterYaml: EXAMPLE, files: { ...FILES, "fleet/queries/more.gq": FILES["fleet/more.gq"] ?? "" } });
    expect({ name, storageRoot, isLockEnabled }).toEqual({ name: "depot-prod", storageRoot: "s3://depot-state/prod", isLockEnabled: true });
    expect([...resources.keys()].filter((address) => address.startsWith("query."))).toEqual(["query.fleet.audit", "query.fleet.more", "query.orders.first", "query.orders.people", "query.orders.second"]);
    expect(resources.get("policy.team")?.appliesTo).toEqual(["graph.fleet", "graph.orders"]);
    expect(resources.get("graph.orders")?.embeddingProvider).toBe("provider.embedding.main");
  });
});

describe("cluster.md §2.5: storage", () => {
  test.each([
    ["absent", "", "DIR"],
    ["a bucket", "storage: s3://bucket\n", "s3://bucket"],
    ["a prefix, with a slash at its end", "storage: s3://bucket/prod/\n", "s3://bucket/prod"],
    ["white space around", "storage: '  s3://bucket/prod  '\n", "s3://bucket/prod"],
    ["a file address", "storage: file:///srv/og/\n", "file:///srv/og"],
    ["an absolute path", "storage: /srv/og/\n", "/srv/og"],
    ["a relative path, C1", "storage: state/og/\n", "DIR/state/og"],
    ["a relative path to outside", "storage: ../og\n", "PARENT/og"],
  ])("%s", async (_, line, root) => {
    const { storageRoot, configDirectory } = await load({ clusterYaml: `version: 1\n${line}` });
    expect(storageRoot).toBe(root.replace("DIR", configDirectory).replace("PARENT", temp.path));
  });
});

describe("cluster.md §2.3 steps 1 and 2, for the header and the whole", () => {
  const codes = async (directory: string): Promise<readonly string[]> => {
    const [whole, header] = [new Diagnostics(), new Diagnostics()];
    expect(await loadDesiredState(directory, whole)).toBeUndefined();
    expect(await loadClusterHeader(directory, header)).toBeUndefined();
    expect(header.list()).toEqual(whole.list());
    return whole.list().map(({ code, place }) => `${code} ${place?.line}:${place?.column}`);
  };

  test("step 1: no directory, and a file instead of one", async () => {
    expect(await codes(join(temp.path, "none"))).toEqual(["config_dir_not_found 1:1"]);
    await writeFile(join(temp.path, "file"), "");
    expect(await codes(join(temp.path, "file"))).toEqual(["config_dir_not_found 1:1"]);
  });

  test("step 2: no file, a folder instead, a file that is too large", async () => {
    expect(await codes(await directoryWith({}))).toEqual(["cluster_config_read_error 1:1"]);
    const folder = await directoryWith({});
    await mkdir(join(folder, "cluster.yaml"));
    expect(await codes(folder)).toEqual(["cluster_config_read_error 1:1"]);
    expect(await codes(await directoryWith({ clusterYaml: new Uint8Array(5 * 1024 * 1024).fill(0x23) }))).toEqual(["cluster_config_read_error 1:1"]);
  });
});

describe("cluster.md §12.2: the header alone", () => {
  test("neither resources nor files need to be right", async () => {
    const diagnostics = new Diagnostics();
    const directory = await directoryWith({ clusterYaml: "version: 1\nmetadata: { name: ' depot ' }\nstorage: data\nstate: { lock: false }\ngraphs: { a_b: &a { schemas: 5 }, c: *a }\npolicies: []\n" });
    expect(await loadClusterHeader(directory, diagnostics)).toEqual({ configDirectory: directory, configFile: join(directory, "cluster.yaml"), name: "depot", storageRoot: join(directory, "data"), isLockEnabled: false });
    expect(diagnostics.list()).toEqual([]);
  });

  test.each([
    ["a key that might be a header", "version: 1\nstorrage: data\n", ["invalid_cluster_yaml storrage"]],
    ["a repeated key", "version: 1\nstorage: a\nstorage: b\n", ["duplicate_yaml_key storage"]],
    ["a reserved key", "version: 1\nui: {}\n", ["future_phase_field ui"]],
    ["another version", "version: 2\n", ["unsupported_cluster_config_version version"]],
    ["a lock that is no flag", "version: 1\nstate: { lock: on }\n", ["invalid_cluster_yaml state.lock"]],
  ])("%s is refused", async (_, clusterYaml, expected) => {
    const diagnostics = new Diagnostics();
    expect(await loadClusterHeader(await directoryWith({ clusterYaml }), diagnostics)).toBeUndefined();
    expect(diagnostics.list().map(({ code, path }) => `${code} ${path}`)).toEqual(expected);
  });
});

describe("cluster.md §11.2–11.4: a file is read again before it is used", () => {
  test("the same, changed, and gone", async () => {
    const { resources, configDirectory } = await load();
    const schema = must(resources.get("schema.orders"), "it is declared");
    const diagnostics = new Diagnostics();
    expect(await rereadSource(schema, diagnostics)).toBe(SCHEMA);
    expect(diagnostics.list()).toEqual([]);
    await writeFile(must(schema.file, "it has a file"), `${SCHEMA}\n`);
    expect(await rereadSource(schema, diagnostics)).toBeUndefined();
    await rename(join(configDirectory, "orders"), join(configDirectory, "gone"));
    expect(await rereadSource(schema, diagnostics)).toBeUndefined();
    expect(diagnostics.list().map(({ code, path }) => `${code} ${path}`)).toEqual(["resource_content_changed schema.orders", "resource_content_changed schema.orders"]);
  });
});

describe("cluster.md §12.1: validate", () => {
  test("§13.2 what it says of a configuration that is right, with what becomes of external blobs", async () => {
    const directory = await directoryWith({ clusterYaml: YAML, files: FILES });
    const { isOk, resources, dependencies, diagnostics, configDirectory, configFile } = await validateCluster({ configDirectory: directory });
    expect({ isOk, configDirectory, configFile }).toEqual({ isOk: true, configDirectory: directory, configFile: join(directory, "cluster.yaml") });
    expect(resources).toHaveLength(12);
    expect(dependencies).toHaveLength(16);
    expect(diagnostics.map(({ code, severity, path, place }) => [code, severity, path, place?.line])).toEqual([
      ["external_blob_ingress_default_deny", "warning", "graphs.fleet", 12],
      ["external_blob_ingress_unsupported", "warning", "graphs.orders.external_blobs", 7],
    ]);
  });

  test("with an error, nothing is listed and no such warning is given", async () => {
    const { isOk, resources, dependencies, diagnostics } = await validateCluster({ configDirectory: await directoryWith({ clusterYaml: YAML, files: { ...FILES, "policies/team.yaml": "version: 2\n" } }) });
    expect(isOk).toBe(false);
    expect(resources).toEqual([]);
    expect(dependencies).toEqual([]);
    expect(diagnostics.map(({ code }) => code)).toEqual(["policy_invalid"]);
  });

  test("no variable is read and nothing is opened but the files: storage may be anywhere", async () => {
    const { isOk } = await validateCluster({ configDirectory: await directoryWith({ clusterYaml: "version: 1\nstorage: s3://nowhere/at-all\n" }) });
    expect(isOk).toBe(true);
  });
});

describe.skipIf(process.platform === "win32")("files that are none", () => {
  test("a pipe is not waited for, a device is not read, links that lead nowhere are missing", async () => {
    const directory = await directoryWith({ clusterYaml: "version: 1\ngraphs:\n  a: { schema: pipe, queries: loop.gq }\n  b: { schema: /dev/zero, queries: q/ }\n", files: { "q/x.txt": "" } });
    execFileSync("mkfifo", [join(directory, "pipe")]);
    await symlink("loop.gq", join(directory, "loop.gq"));
    await symlink("nowhere", join(directory, "q/dangling.gq"));
    const { diagnostics } = await validateCluster({ configDirectory: directory });
    expect(diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual(["schema_file_missing graphs.a.schema", "query_file_missing graphs.a.queries", "schema_file_missing graphs.b.schema", "query_file_missing graphs.b.queries"]);
  });
});

describe("did you mean", () => {
  test.each([
    ["a key", "policies: { p: { file: graph.yaml, apply_to: [orders], applies_to: [orders] } }\n", "did you mean 'applies_to'?"],
    ["a graph", "policies: { p: { file: graph.yaml, applies_to: [order] } }\n", "did you mean 'orders'?"],
    ["a provider", "providers: { embedding: { main: { kind: mock } } }\n", "did you mean 'main'?"],
  ])("%s", async (_, rest, suggestion) => {
    const provider = rest.startsWith("providers") ? "\n    embedding_provider: mian" : "";
    const directory = await directoryWith({ clusterYaml: `version: 1\ngraphs:\n  orders:\n    schema: s.pg${provider}\n${rest}`, files: { "s.pg": SCHEMA, "graph.yaml": GRAPH_BUNDLE } });
    const { diagnostics } = await validateCluster({ configDirectory: directory });
    expect(diagnostics[0]?.message).toContain(suggestion);
  });
});
