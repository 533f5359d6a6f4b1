import { readFileSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { listFiles, listMembers, readImports, resolveRelative, ROOT } from "./source-tree.js";

/** Which workspace packages each package may use at run time (architecture, packages). */
const RUNTIME_ARROWS: Readonly<Record<string, readonly string[]>> = {
  "@omnigraphdb/common": [],
  "@omnigraphdb/compiler": ["@omnigraphdb/common"],
  "@omnigraphdb/engine": ["@omnigraphdb/common", "@omnigraphdb/compiler"],
  "@omnigraphdb/embeddings": ["@omnigraphdb/common"],
  "@omnigraphdb/policy": ["@omnigraphdb/common"],
  "@omnigraphdb/api-types": ["@omnigraphdb/common"],
  "@omnigraphdb/client": ["@omnigraphdb/common", "@omnigraphdb/api-types"],
  "@omnigraphdb/cluster": ["@omnigraphdb/common", "@omnigraphdb/compiler", "@omnigraphdb/engine", "@omnigraphdb/policy"],
  "@omnigraphdb/mcp": ["@omnigraphdb/common", "@omnigraphdb/api-types", "@omnigraphdb/client"],
  "@omnigraphdb/server": [
    "@omnigraphdb/common",
    "@omnigraphdb/compiler",
    "@omnigraphdb/engine",
    "@omnigraphdb/embeddings",
    "@omnigraphdb/policy",
    "@omnigraphdb/api-types",
    "@omnigraphdb/client",
    "@omnigraphdb/cluster",
    "@omnigraphdb/mcp",
  ],
  "@omnigraphdb/cli": [
    "@omnigraphdb/common",
    "@omnigraphdb/compiler",
    "@omnigraphdb/embeddings",
    "@omnigraphdb/engine",
    "@omnigraphdb/policy",
    "@omnigraphdb/api-types",
    "@omnigraphdb/client",
    "@omnigraphdb/cluster",
    "@omnigraphdb/mcp",
  ],
  "@omnigraphdb/testkit": ["@omnigraphdb/common"],
  omnigraph: ["@omnigraphdb/cli"],
  "omnigraph-server": ["@omnigraphdb/server"],
};

/** Packages that only tests may import. */
const TEST_ONLY = ["@omnigraphdb/testkit"];

/** Third-party technology by the folders that may import it. */
const TECHNOLOGY_HOMES: Readonly<Record<string, readonly string[]>> = {
  "@lancedb/lancedb": ["packages/engine/src/storage/lance/"],
  "apache-arrow": ["packages/engine/src/storage/lance/"],
  "@aws-sdk/client-s3": ["packages/engine/src/storage/"],
  chevrotain: ["packages/compiler/src/"],
  commander: ["packages/cli/src/"],
  yaml: ["packages/embeddings/src/", "packages/policy/src/", "packages/cluster/src/", "packages/server/src/", "packages/cli/src/"],
  "@cedar-policy/cedar-wasm": ["packages/policy/src/"],
  hono: ["packages/server/src/"],
  "@hono/node-server": ["packages/server/src/"],
  pino: ["packages/server/src/"],
  "prom-client": ["packages/server/src/"],
  zod: ["packages/api-types/src/", "packages/mcp/src/", "packages/server/src/"],
  "@modelcontextprotocol/sdk": ["packages/mcp/src/"],
};

const files = listFiles().filter((file) => /^(packages|apps)\/[^/]+\/.*\.ts$/.test(file) && !file.endsWith(".d.ts"));
const members = listMembers();
const source = files.filter((file) => /^(packages|apps)\/[^/]+\/src\//.test(file) && !/\.(test|bench|test-d)\.ts$/.test(file));
const imports = new Map(files.map((file) => [file, readImports(file)]));

function memberOf(file: string): string {
  return members.find(({ folder }) => file.startsWith(`${folder}/`))?.manifest.name ?? "";
}

function packageOf(specifier: string): string {
  return specifier
    .split("/")
    .slice(0, specifier.startsWith("@") ? 2 : 1)
    .join("/");
}

function collect(from: readonly string[], judge: (file: string, specifier: string, typeOnly: boolean) => string | undefined): string[] {
  return from.flatMap((file) =>
    (imports.get(file) ?? []).flatMap(({ specifier, typeOnly, line }) => {
      const problem = judge(file, specifier, typeOnly);
      return problem === undefined ? [] : [`${file}:${line} ${problem}`];
    }),
  );
}

describe("arrows between packages", () => {
  test("every member of the workspace stands in the table", () => {
    expect(members.map(({ manifest }) => manifest.name).sort()).toEqual(Object.keys(RUNTIME_ARROWS).sort());
  });

  test("declared run-time dependencies follow the table", () => {
    const wrong = members.flatMap(({ manifest }) =>
      Object.keys(manifest.dependencies ?? {})
        .filter((name) => Object.hasOwn(RUNTIME_ARROWS, name) && !RUNTIME_ARROWS[manifest.name]?.includes(name))
        .map((name) => `${manifest.name} -> ${name}`),
    );
    expect(wrong).toEqual([]);
  });

  test("imports of workspace packages in source follow the table", () => {
    const wrong = collect(source, (file, specifier) => {
      const target = packageOf(specifier);
      if (!Object.hasOwn(RUNTIME_ARROWS, target)) return undefined;
      return RUNTIME_ARROWS[memberOf(file)]?.includes(target) === true ? undefined : `imports ${target}`;
    });
    expect(wrong).toEqual([]);
  });

  test("source imports only what its package declares", () => {
    const wrong = collect(source, (file, specifier) => {
      if (specifier.startsWith(".") || specifier.startsWith("node:")) return undefined;
      const manifest = members.find(({ manifest: { name } }) => name === memberOf(file))?.manifest;
      const target = packageOf(specifier);
      // An executable is bundled: what its source imports is there when it is built.
      const declared = file.startsWith("apps/") ? { ...manifest?.dependencies, ...manifest?.devDependencies } : (manifest?.dependencies ?? {});
      return Object.hasOwn(declared, target) ? undefined : `imports ${target}, not among the dependencies of ${memberOf(file)}`;
    });
    expect(wrong).toEqual([]);
  });

  test("a declared run-time dependency is imported", () => {
    // The run-time dependencies of a bundled executable are what stays outside the bundle, however deep it is imported.
    const unused = members.filter(({ folder }) => !folder.startsWith("apps/")).flatMap(({ folder, manifest }) => {
      const used = new Set(source.filter((file) => file.startsWith(`${folder}/`)).flatMap((file) => (imports.get(file) ?? []).map(({ specifier }) => packageOf(specifier))));
      const declared = Object.keys(manifest.dependencies ?? {});
      // What a dependency asks for as its peer is used by it.
      const peers = new Set(declared.flatMap((name) => peersOf(folder, name)));
      return declared
        .filter((name) => !used.has(name) && !peers.has(name))
        .map((name) => `${manifest.name} declares ${name}`);
    });
    expect(unused).toEqual([]);
  });
});

function peersOf(folder: string, name: string): readonly string[] {
  const manifest = JSON.parse(readFileSync(path.join(ROOT, folder, "node_modules", name, "package.json"), "utf8")) as { readonly peerDependencies?: Readonly<Record<string, string>> };
  return Object.keys(manifest.peerDependencies ?? {});
}

describe("imports inside the workspace", () => {
  test("cross-package imports name the package root, or ./test-support from tests", () => {
    const wrong = collect(files, (file, specifier) => {
      if (!specifier.startsWith("@omnigraphdb/")) return undefined;
      const rest = specifier.slice(packageOf(specifier).length);
      if (rest === "") return undefined;
      return rest === "/test-support" && !source.includes(file) ? undefined : `imports ${specifier}`;
    });
    expect(wrong).toEqual([]);
  });

  test("relative imports stay inside the package, resolve, and end in .js", () => {
    const wrong = collect(files, (file, specifier) => {
      if (!specifier.startsWith(".")) return undefined;
      const target = resolveRelative(file, specifier);
      if (target === undefined) return `imports ${specifier}, which does not exist`;
      if (memberOf(target) !== memberOf(file)) return `imports ${specifier} of another package`;
      return /\.(js|json)$/.test(specifier) ? undefined : `imports ${specifier} without its extension`;
    });
    expect(wrong).toEqual([]);
  });

  test("inside a package the defining file is imported, never the package's own index", () => {
    const wrong = collect(source, (file, specifier) => {
      if (specifier === memberOf(file)) return `imports its own package`;
      return specifier.startsWith(".") && /^(packages|apps)\/[^/]+\/src\/index\.ts$/.test(resolveRelative(file, specifier) ?? "") ? `imports ${specifier}` : undefined;
    });
    expect(wrong).toEqual([]);
  });

  test("source never imports test support", () => {
    const wrong = collect(source, (file, specifier) => {
      if (memberOf(file) === "@omnigraphdb/testkit") return undefined;
      return TEST_ONLY.includes(packageOf(specifier)) || /test-support|\.test\.js$/.test(specifier) ? `imports ${specifier}` : undefined;
    });
    expect(wrong).toEqual([]);
  });

  test("each technology is imported in its homes only", () => {
    const wrong = collect(source, (file, specifier) => {
      const homes = TECHNOLOGY_HOMES[packageOf(specifier)];
      return homes === undefined || homes.some((home) => file.startsWith(home)) ? undefined : `imports ${specifier}, which belongs to ${homes.join(" and ")}`;
    });
    expect(wrong).toEqual([]);
  });

  test("no import cycles", () => {
    expect(findCycles()).toEqual([]);
  });
});

/** Each imports those before it. The order is that of the README. */
const CLUSTER_FOLDERS = ["diagnostics", "storage", "ledger", "stored-queries", "config", "catalog", "approvals", "run", "lock", "graphs", "plan", "recovery", "status", "preview", "approve", "observe", "apply", "unlock", "serving", "legacy-file"];

/** Beside types, a plan is made with these. */
const PURE_MODULES = new Set(["compare-text", "digests", "resource-address", "resource-needs", "diagnostics/cluster-diagnostic", "graphs/vanished-graph"]);

describe("folders of the control plane", () => {
  const folder = "packages/cluster/src/";
  const clusterSource = source.filter((file) => file.startsWith(folder));
  const folderOf = (file: string): string | undefined => /^packages\/cluster\/src\/([^/]+)\//.exec(file)?.[1];

  test("all of them stand in the order, and in the README", () => {
    expect([...new Set(clusterSource.flatMap((file) => folderOf(file) ?? []))].sort()).toEqual([...CLUSTER_FOLDERS].sort());
    const readme = readFileSync(path.join(ROOT, "packages/cluster/README.md"), "utf8");
    expect([...readme.matchAll(/^\| `([^`]+)` \|/gm)].map((row) => row[1])).toEqual(CLUSTER_FOLDERS);
  });

  test("a folder imports earlier ones only", () => {
    const wrong = collect(clusterSource, (file, specifier) => {
      const [from, to] = [folderOf(file), folderOf(resolveRelative(file, specifier) ?? "")];
      return from === undefined || to === undefined || CLUSTER_FOLDERS.indexOf(to) <= CLUSTER_FOLDERS.indexOf(from) ? undefined : `imports ${specifier}`;
    });
    expect(wrong).toEqual([]);
  });

  test("planning is pure: no I/O, no clock", () => {
    const planning = clusterSource.filter((file) => folderOf(file) === "plan");
    const wrong = collect(planning, (_, specifier, typeOnly) => {
      const module = specifier.replace(/^\.\.\//, "").replace(/\.js$/, "");
      return typeOnly || specifier.startsWith("./") || PURE_MODULES.has(module) ? undefined : `imports ${specifier}`;
    });
    expect(wrong).toEqual([]);
  });
});

/** Cycles of run-time imports between source files, each once, as `a -> b -> a`. */
function findCycles(): string[] {
  const done = new Set<string>();
  const path: string[] = [];
  const cycles: string[] = [];
  const visit = (file: string): void => {
    const start = path.indexOf(file);
    if (start >= 0) {
      cycles.push([...path.slice(start), file].join(" -> "));
      return;
    }
    if (done.has(file)) return;
    path.push(file);
    for (const { specifier, typeOnly } of imports.get(file) ?? []) {
      if (typeOnly || !specifier.startsWith(".")) continue;
      const target = resolveRelative(file, specifier);
      if (target !== undefined) visit(target);
    }
    path.pop();
    done.add(file);
  };
  for (const file of source) visit(file);
  return cycles;
}
