import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Captured, type CapturedIoOptions, runCaptured } from "./captured-io.js";

// What the command line does with an address before it reaches a graph; no graph exists here.
let root: string;
let cwd: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "omnigraph-addressing-"));
  cwd = join(root, "work");
  mkdirSync(cwd);
  mkdirSync(join(root, "home"));
});
beforeEach(() => configure(""));
afterAll(() => rmSync(root, { recursive: true, force: true }));

function configure(text: string): void {
  writeFileSync(join(root, "home", "config.yaml"), text);
}

function run(argv: readonly string[], options: CapturedIoOptions = {}): Promise<Captured> {
  return runCaptured(argv, { cwd, ...options, env: { OMNIGRAPH_HOME: join(root, "home"), ...options.env } });
}

const SCOPES = `servers:
  harbor:
    url: http://127.0.0.1:1024
clusters:
  depot:
    root: ./depot
profiles:
  prod: { server: harbor, default_graph: orders }
  admin: { cluster: depot }
  scratch: { store: ./scratch.omni }
  both: { store: ./a.omni, server: harbor }
`;

describe("§5.2 where the configuration says", () => {
  test.each<[string, string, readonly string[], string]>([
    ["a profile of a store", SCOPES, ["snapshot", "--profile", "scratch"], "scratch.omni"],
    ["a profile of a server", SCOPES, ["branch", "delete", "x", "--profile", "prod", "--yes"], "http://127.0.0.1:1024/graphs/orders (served)"],
    ["--graph in a profile", SCOPES, ["branch", "delete", "x", "--profile", "prod", "--graph", "kb", "--yes"], "http://127.0.0.1:1024/graphs/kb (served)"],
    ["--server NAME", SCOPES, ["branch", "delete", "x", "--server", "harbor", "--graph", "kb", "--yes"], "http://127.0.0.1:1024/graphs/kb (served)"],
    ["defaults.server", `${SCOPES}defaults: { server: harbor, default_graph: crm }\n`, ["branch", "delete", "x", "--yes"], "http://127.0.0.1:1024/graphs/crm (served)"],
    ["defaults.store", "defaults: { store: ./mine.omni }\n", ["snapshot"], "mine.omni"],
    ["§5.5 an unknown server lists those that there are", SCOPES, ["snapshot", "--server", "habor"], "defined: harbor"],
    ["§5.5 an unknown profile says where profiles are", SCOPES, ["snapshot", "--profile", "prd"], "under 'profiles:' in"],
    ["operator §3.4 a profile with two scopes", SCOPES, ["snapshot", "--profile", "both"], "names server and store"],
    ["§5.5 a cluster profile for data", SCOPES, ["snapshot", "--profile", "admin"], "Clusters are not for data commands"],
    ["§5.5 a server profile for maintenance", SCOPES, ["optimize", "--profile", "prod"], "--cluster DIR|URI --graph ID"],
    ["§5.3 --graph with a store", SCOPES, ["snapshot", "--store", "./x.omni", "--graph", "kb"], "--graph kb has nothing to select"],
    ["§16.2 a cluster without a ledger", SCOPES, ["optimize", "--cluster", ".", "--graph", "kb"], "[cluster_state_missing]"],
    ["a folder that is none", SCOPES, ["optimize", "--cluster", "depot", "--graph", "kb"], "there is no directory"],
    ["a URL that is none", SCOPES, ["snapshot", "--server", "ftp://h/x"], "must begin with http:// or https://"],
    ["a graph id that no URL can carry", SCOPES, ["snapshot", "--server", "harbor", "--graph", ".."], "'..' is not the id of a graph"],
  ])("%s", async (_name, config, argv, expected) => {
    configure(config);
    const { exitCode, stdout, stderr } = await run(argv);
    expect(stderr).toContain(expected);
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe("");
  });

  test("§4.5 $OMNIGRAPH_PROFILE is a scope for commands that have one, and nothing to others", async () => {
    configure(SCOPES);
    const env = { OMNIGRAPH_PROFILE: "scratch" };
    expect((await run(["snapshot"], { env })).stderr).toContain("scratch.omni");
    expect((await run(["version"], { env: { OMNIGRAPH_PROFILE: "prd" } })).exitCode).toBe(0);
    expect((await run(["version", "--profile", "prod"])).exitCode).toBe(2);
  });

  test("§4.3 the guard comes before the configuration", async () => {
    configure("servers: [\n");
    const { exitCode, stderr } = await run(["optimize", "--server", "harbor"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("'optimize' is a direct (storage-native) command and does not take --server");
  });

  test("§4.4 an alias has its own address: all offending flags in one message", async () => {
    const { exitCode, stderr } = await run(["alias", "late", "--as", "me", "--store", "./x.omni", "--server", "harbor", "--profile", "p"]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("'alias' is a local command and does not take --server, --store, --profile, --as");
  });

  test("operator §9.1 a broken configuration fails what needs it, and §2.6 nothing else", async () => {
    configure("servers: [\n");
    expect((await run(["snapshot"])).stderr).toContain("config.yaml");
    expect((await run(["snapshot", "--store", "./absent.omni"])).stderr).not.toContain("config.yaml");
    expect((await run(["version"])).exitCode).toBe(0);
  });
});

describe("§5.6 legacy forms of a server's address", () => {
  test.each<[string, readonly string[]]>([
    ["positional", ["snapshot", "http://127.0.0.1:1024/graphs/g"]],
    ["--uri", ["snapshot", "--uri", "http://127.0.0.1:1024/graphs/g/"]],
    ["positional of query", ["query", "-e", "query q() { match { $a: A } return { $a.id } }", "http://127.0.0.1:1024/graphs/g"]],
  ])("%s: one notice, and in strict mode an error", async (_name, argv) => {
    const { exitCode, stderr } = await run(argv);
    expect(exitCode).toBe(1);
    expect(stderr.match(/^warning: /gm)).toHaveLength(1);
    expect(stderr).toContain("--server http://127.0.0.1:1024/graphs/g");
    expect(stderr).toContain("nothing listens there");
    const strict = await run(argv, { env: { OMNIGRAPH_NO_LEGACY_CONFIG: "1" } });
    expect(strict).toMatchObject({ exitCode: 1, stdout: "" });
    expect(strict.stderr).toMatch(/^Error: .*OMNIGRAPH_NO_LEGACY_CONFIG/);
  });
});

describe("§7, D5 write safety on targets that are not local", () => {
  const remote = ["--server", "http://127.0.0.1:1024", "--graph", "g"];
  test.each<[string, readonly string[]]>([
    ["load --mode overwrite on a server", ["load", "--data", "x.jsonl", "--mode", "overwrite", ...remote]],
    ["branch delete on a server", ["branch", "delete", "b", ...remote]],
    ["branch delete on S3", ["branch", "delete", "b", "--store", "s3://vault/g.omni"]],
    ["branch merge --delete-branch on a server", ["branch", "merge", "b", "--delete-branch", ...remote]],
    ["cleanup --confirm on S3", ["cleanup", "s3://vault/g.omni", "--keep", "3", "--confirm"]],
  ])("§7.2 %s asks first", async (_name, argv) => {
    const silent = await run(argv);
    expect(silent).toMatchObject({ exitCode: 1, stdout: "" });
    expect(silent.stderr).toMatch(/^Error: '(load|branch delete|branch merge|cleanup)' would destroy data in \S+ and was not confirmed\n {2}hint: Pass --yes to consent\.\n$/);
    expect((await run([...argv, "--json"], { interactive: true, stdin: "y\n" })).stderr).not.toContain("[y/N]");
    expect((await run(argv, { interactive: true, stdin: "n\n" })).stderr).toMatch(/\[y\/N\] Error: /);
  });

  test.each<[string, readonly string[]]>([
    ["load --mode merge", ["load", "--data", "x.jsonl", "--mode", "merge", ...remote]],
    ["branch create", ["branch", "create", "b", ...remote]],
    ["branch merge", ["branch", "merge", "b", ...remote]],
    ["schema apply", ["schema", "apply", "--schema", "x.pg", ...remote]],
  ])("§7.1 %s announces a server and asks nothing", async (_name, argv) => {
    writeFileSync(join(cwd, "x.jsonl"), "{}");
    writeFileSync(join(cwd, "x.pg"), "node A {\n    id: String @key\n}\n");
    const { stderr } = await run(argv);
    expect(stderr).toContain("→ http://127.0.0.1:1024/graphs/g (served)\n");
    expect((await run([...argv, "--quiet"])).stderr).not.toContain("→");
  });

  test("§7.1 mutate announces nothing", async () => {
    expect((await run(["mutate", "close", ...remote])).stderr).not.toContain("→");
  });
});
