import { isOmniError } from "@omnigraphdb/common";
import { describe, expect, test } from "vitest";
import type { Capability } from "../command-definition.js";
import { type Address, type Chosen, chooseScope, type NamedScope, type ScopeLayers } from "./choose-scope.js";

const PROFILES: Readonly<Record<string, NamedScope>> = {
  prod: { kind: "server", url: "https://prod.example/", defaultGraph: "orders" },
  bare: { kind: "server", url: "https://bare.example", defaultGraph: undefined },
  admin: { kind: "cluster", root: "s3://depot/prod", defaultGraph: "orders" },
  scratch: { kind: "store", uri: "./scratch.omni" },
};
const SERVER_DEFAULTS: NamedScope = { kind: "server", url: "http://127.0.0.1:8080", defaultGraph: "crm" };
const STORE_DEFAULTS: NamedScope = { kind: "store", uri: "./default.omni" };
const LEGACY: Readonly<Record<string, string>> = { depot: "/repo/graphs/depot.omni", prod: "https://old.example/graphs/prod/" };

interface Known {
  readonly defaults?: NamedScope;
  readonly legacyDefault?: string;
  readonly isStrict?: boolean;
}

function layers({ defaults, legacyDefault, isStrict = false }: Known): ScopeLayers {
  const named = <T>(table: Readonly<Record<string, T>>, name: string): T => {
    const found = table[name];
    if (found === undefined) throw new Error(`undefined name ${name}`);
    return found;
  };
  return {
    serverUrl: async (name) => named({ harbor: "https://harbor.example" }, name),
    clusterRoot: async (given) => (given === "depot" ? "s3://depot/prod" : given),
    profile: async (name) => named(PROFILES, name),
    defaults: async () => defaults,
    legacyGraph: async (name) => ({ written: name, resolved: named(LEGACY, name) }),
    legacyDefault,
    isStrict,
  };
}

function address(flags: Address["flags"], more: Partial<Address> = {}): Address {
  return { command: "snapshot", capability: "any", takesPositional: true, positional: undefined, flags, isExplicitOnly: false, ambientProfile: undefined, ...more };
}

/** A scope in a few words: `store X`, `server URL graph`, `cluster ROOT graph`. */
function shown({ scope }: Chosen): string {
  if (scope.kind === "store") return `store ${scope.uri}`;
  return `${scope.kind} ${scope.kind === "server" ? scope.url : scope.root} ${scope.graphId ?? "-"}`;
}

async function failure(work: Promise<unknown>): Promise<{ readonly code: string; readonly text: string }> {
  const error: unknown = await work.then(() => undefined, (thrown: unknown) => thrown);
  if (!isOmniError(error)) throw new Error(`expected a typed failure, got ${String(error)}`);
  return { code: error.code, text: `${error.message} ${error.hint ?? ""}` };
}

describe("§5.1 forms and §5.2 order", () => {
  const everything: Known = { defaults: SERVER_DEFAULTS, legacyDefault: "depot" };
  test.each<[string, Address, Known, string]>([
    ["§5.2 rule 1 a positional URI", address({ profile: "prod" }, { positional: "./orders.omni" }), everything, "store ./orders.omni"],
    ["§5.1 --uri", address({ uri: "s3://vault/o.omni" }), everything, "store s3://vault/o.omni"],
    ["§5.1 --store", address({ store: "./o.omni" }, { ambientProfile: "prod" }), everything, "store ./o.omni"],
    ["§5.1 --server NAME", address({ server: "harbor" }), everything, "server https://harbor.example -"],
    ["§5.1 --server URL, trimmed", address({ server: "https://g.example.net//" }), everything, "server https://g.example.net -"],
    ["§5.3 explicit --server never takes the flat default graph", address({ server: "http://127.0.0.1:8080" }), everything, "server http://127.0.0.1:8080 -"],
    ["§5.1 --server --graph", address({ server: "harbor", graph: "kb" }), everything, "server https://harbor.example kb"],
    ["§5.1 --cluster --graph", address({ cluster: "./depot-dir", graph: "kb" }, { capability: "direct" }), everything, "cluster ./depot-dir kb"],
    ["§5.5 --cluster NAME", address({ cluster: "depot", graph: "kb" }, { capability: "direct" }), everything, "cluster s3://depot/prod kb"],
    ["§5.1 --target", address({ target: "depot" }), everything, "store /repo/graphs/depot.omni"],
    ["§5.2 rule 2 --profile before $OMNIGRAPH_PROFILE", address({ profile: "scratch" }, { ambientProfile: "prod" }), everything, "store ./scratch.omni"],
    ["§5.2 rule 2 $OMNIGRAPH_PROFILE", address({}, { ambientProfile: "prod" }), everything, "server https://prod.example orders"],
    ["§5.2 rule 3 cli.graph before the defaults", address({}), everything, "store /repo/graphs/depot.omni"],
    ["§5.2 rule 4 defaults.server with its graph", address({}), { defaults: SERVER_DEFAULTS }, "server http://127.0.0.1:8080 crm"],
    ["§5.2 rule 5 defaults.store", address({}), { defaults: STORE_DEFAULTS }, "store ./default.omni"],
    ["§5.3 --graph overrides the default graph", address({ graph: "kb" }), { defaults: SERVER_DEFAULTS }, "server http://127.0.0.1:8080 kb"],
    ["§5.3 --graph overrides the graph of a profile", address({ profile: "prod", graph: "kb" }), {}, "server https://prod.example kb"],
    ["§5.3 a profile is taken wholesale: no flat default graph", address({ profile: "bare" }), everything, "server https://bare.example -"],
    ["§5.3 a cluster profile with its graph", address({ profile: "admin" }, { capability: "direct" }), {}, "cluster s3://depot/prod orders"],
  ])("%s", async (_name, given, known, expected) => {
    expect(shown(await chooseScope(given, layers(known)))).toBe(expected);
  });

  test("§5.2 rule 6 nothing says where: the ways to say it, by what the command needs", async () => {
    for (const [capability, way] of [["any", "--server NAME|URL --graph ID"], ["direct", "--cluster DIR|URI --graph ID"], ["served", "defaults.server"], ["control", "--cluster DIR|URI"]] as const) {
      expect(await failure(chooseScope(address({}, { capability }), layers({})))).toMatchObject({ code: "NO_GRAPH_ADDRESSED", text: expect.stringContaining(way) });
    }
  });

  test("§10.15 what is to be created is named by the argument list alone", async () => {
    const created = address({}, { capability: "direct", isExplicitOnly: true, ambientProfile: "scratch" });
    expect(await failure(chooseScope(created, layers({ defaults: STORE_DEFAULTS })))).toMatchObject({ code: "NO_GRAPH_ADDRESSED" });
  });

  const PRIMITIVES = { "a positional URI": { positional: "./p.omni" }, "--uri": { uri: "./u.omni" }, "--store": { store: "./s.omni" }, "--server": { server: "harbor" }, "--cluster": { cluster: "depot" }, "--target": { target: "depot" } };
  const names = Object.keys(PRIMITIVES) as (keyof typeof PRIMITIVES)[];
  test.each(names.flatMap((first, at) => names.slice(at + 1).map((second) => [first, second] as const)))("§5.2 %s and %s exclude each other", async (first, second) => {
    const { positional, ...flags } = { positional: undefined, ...PRIMITIVES[first], ...PRIMITIVES[second] };
    const failed = await failure(chooseScope(address(flags, { positional }), layers({})));
    expect(failed.code).toBe("USAGE");
    expect(failed.text).toContain(`${first} and ${second} exclude each other`);
  });

  test.each<[string, Address, Known]>([
    ["a positional URI", address({ graph: "kb" }, { positional: "./o.omni" }), {}],
    ["--store", address({ graph: "kb", store: "./o.omni" }), {}],
    ["a store profile", address({ graph: "kb", profile: "scratch" }), {}],
    ["defaults.store", address({ graph: "kb" }), { defaults: STORE_DEFAULTS }],
    ["a legacy server", address({ graph: "kb", target: "prod" }), {}],
  ])("§5.3 --graph has nothing to select in %s", async (_name, given, known) => {
    expect(await failure(chooseScope(given, layers(known)))).toMatchObject({ code: "GRAPH_SELECTION", text: expect.stringContaining("kb") });
  });
});

describe("§5.5 capability and kind of scope", () => {
  const scopes = { server: "prod", cluster: "admin", store: "scratch" };
  test.each<[keyof typeof scopes, Capability, string]>([
    ["server", "any", "server"],
    ["server", "served", "server"],
    ["server", "direct", "--store URI, or with --cluster DIR|URI --graph ID"],
    ["server", "control", "--cluster DIR|URI"],
    ["cluster", "any", "Clusters are not for data commands"],
    ["cluster", "served", "cluster status"],
    ["cluster", "direct", "cluster"],
    ["cluster", "control", "cluster"],
    ["store", "any", "store"],
    ["store", "served", "--server NAME|URL"],
    ["store", "direct", "store"],
    ["store", "control", "--cluster DIR|URI"],
  ])("%s scope, %s command", async (kind, capability, expected) => {
    const chosen = chooseScope(address({ profile: scopes[kind] }, { capability }), layers({}));
    if (expected === kind) expect((await chosen).scope.kind).toBe(kind);
    else expect(await failure(chosen)).toMatchObject({ code: "UNSUPPORTED_ADDRESS", text: expect.stringContaining(expected) });
  });

  test("defaults answer only what they can", async () => {
    expect(await failure(chooseScope(address({}, { capability: "served" }), layers({ defaults: STORE_DEFAULTS })))).toMatchObject({ code: "NO_GRAPH_ADDRESSED" });
    expect(await failure(chooseScope(address({}, { capability: "control" }), layers({ defaults: SERVER_DEFAULTS })))).toMatchObject({ code: "NO_GRAPH_ADDRESSED" });
    expect(await failure(chooseScope(address({}, { capability: "direct" }), layers({ defaults: SERVER_DEFAULTS })))).toMatchObject({ code: "UNSUPPORTED_ADDRESS" });
  });
});

describe("§5.6 legacy addressing", () => {
  const url = "https://old.example/graphs/prod/";
  test.each<[string, Address, Known]>([
    ["a positional URL", address({}, { positional: url }), {}],
    ["--uri", address({ uri: url }), {}],
    ["--target", address({ target: "prod" }), {}],
    ["cli.graph", address({}), { legacyDefault: "prod" }],
  ])("§5.6.1 %s is a server, with a notice naming --server", async (_name, given, known) => {
    const chosen = await chooseScope(given, layers(known));
    expect(chosen.scope).toMatchObject({ kind: "server", url: "https://old.example/graphs/prod", graphId: undefined, legacy: expect.anything() });
    expect(chosen.notice).toContain("--server");
  });

  test("§5.6.1 in strict mode a positional URL is an error; a graph of the file is not", async () => {
    expect(await failure(chooseScope(address({}, { positional: url }), layers({ isStrict: true })))).toMatchObject({ code: "UNSUPPORTED_ADDRESS", text: expect.stringContaining("--server") });
    expect(await failure(chooseScope(address({ uri: url }), layers({ isStrict: true })))).toMatchObject({ code: "UNSUPPORTED_ADDRESS" });
  });

  test.each<[string, Partial<Address>, Address["flags"]]>([
    ["a positional URL", { positional: url }, {}],
    ["--target", {}, { target: "prod" }],
  ])("§5.6.1 a direct command refuses %s, naming command and URL", async (_name, more, flags) => {
    const failed = await failure(chooseScope(address(flags, { command: "optimize", capability: "direct", ...more }), layers({})));
    expect(failed.text).toContain("'optimize'");
    expect(failed.text).toContain("https://old.example/graphs/prod");
  });

  test("a URL is no store", async () => {
    expect(await failure(chooseScope(address({ store: "https://h/graphs/g" }), layers({})))).toMatchObject({ code: "UNSUPPORTED_ADDRESS", text: expect.stringContaining("--server https://h/graphs/g") });
  });
});
