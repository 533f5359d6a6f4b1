/** Serving what an address or the old combined file names (server.md §11). */
import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type AppliedGraph, type AppliedPolicy, contentDigest, type LegacyFile, type LegacyPath, type LegacyStoredQuery, readLegacyFile, refuseTopLevelBlocks, selectLegacyGraph, type StoredQuerySource } from "@omnigraphdb/cluster";
import { GRAPH_ID_RULE, isGraphId } from "@omnigraphdb/common";
import { normalizeUri } from "@omnigraphdb/engine";
import { type BindAddress, type BootSource, parseBind } from "../settings.js";
import { BootSourceError } from "./errors.js";
import type { PlanSource, ServingPlan } from "./plan-source.js";

type LegacySource = Extract<BootSource, { kind: "legacy" }>;

const LEGACY_FILE = "omnigraph.yaml";

/** @throws BootSourceError, LegacyFileError */
export async function openLegacySource(source: LegacySource, cwd: string): Promise<PlanSource> {
  const readFileNow = async (): Promise<LegacyFile | undefined> => {
    const file = await readLegacyFile(resolve(cwd, source.config ?? LEGACY_FILE));
    if (file === undefined && source.config !== undefined) throw new BootSourceError(`there is no file ${source.config}`, { hint: "Correct --config." });
    return file;
  };
  const file = await readFileNow();
  const choice = choose(source, file);
  const bind: BindAddress | undefined = file?.server.bind === undefined ? undefined : parseBind(file.server.bind);
  return {
    description: choice.description,
    ...(bind === undefined ? {} : { bind }),
    // What is to be served is read again at a reload; which of the ways it came is not.
    readPlan: async () => planOf(choose(source, await readFileNow()), cwd),
    readVersion: () => Promise.resolve(choice.description),
    readInterrupted: () => Promise.resolve(""),
  };
}

type Choice =
  | { readonly kind: "anonymous"; readonly description: string; readonly uri: string; readonly file: LegacyFile | undefined }
  | { readonly kind: "named"; readonly description: string; readonly name: string; readonly file: LegacyFile }
  | { readonly kind: "all"; readonly description: string; readonly file: LegacyFile };

/** The first that matches (server.md 11.2). */
function choose({ uri, target, config }: LegacySource, file: LegacyFile | undefined): Choice {
  if (uri !== undefined) return { kind: "anonymous", description: `graph ${uri}`, uri, file };
  const name = target ?? file?.server.graph;
  if (name !== undefined) {
    if (file === undefined) throw new BootSourceError(`--target ${name} needs a file that names the graph`, { hint: `Name it with --config, or start where an ${LEGACY_FILE} lies.` });
    return { kind: "named", description: `graph '${name}' of ${file.path}`, name, file };
  }
  if (config !== undefined && file !== undefined && file.graphs.size > 0) return { kind: "all", description: file.path, file };
  throw new BootSourceError("nothing to serve: a cluster is expected", {
    hint: "Start with --cluster DIR or --cluster URI. The legacy ways are a graph address, --target NAME, 'server.graph' in the file, and --config FILE with graphs.",
  });
}

async function planOf(choice: Choice, cwd: string): Promise<ServingPlan> {
  const graphs = await graphsOf(choice, cwd);
  const serverPolicy = choice.kind === "all" ? await readPolicy(choice.file.server.policyFile) : undefined;
  const policies = [...graphs.map(({ policy }) => policy), serverPolicy].filter((policy) => policy !== undefined);
  return { mode: choice.kind === "all" ? "multi" : "single", source: choice.description, revision: null, graphs, serverPolicy, policyCount: policies.length, warnings: [] };
}

async function graphsOf(choice: Choice, cwd: string): Promise<readonly AppliedGraph[]> {
  if (choice.kind === "anonymous") {
    const uri = storageUri(choice.uri.includes("://") ? choice.uri : resolve(cwd, choice.uri));
    return [await legacyGraph(uri, uri, choice.file?.policyFile, choice.file?.queries)];
  }
  const { file } = choice;
  if (choice.kind === "named") return [await namedGraph(file, choice.name)];
  refuseTopLevelBlocks(file, undefined);
  const names = [...file.graphs.keys()].sort();
  const unroutable = names.find((name) => !isGraphId(name));
  if (unroutable !== undefined) throw new BootSourceError(`graph '${unroutable}' of ${file.path} has a name that no route can carry`, { hint: GRAPH_ID_RULE });
  return Promise.all(names.map((name) => namedGraph(file, name)));
}

function namedGraph(file: LegacyFile, name: string): Promise<AppliedGraph> {
  const { uri, policyFile, queries } = selectLegacyGraph(file, name);
  return legacyGraph(name, storageUri(uri.resolved), policyFile, queries);
}

async function legacyGraph(graphId: string, uri: string, policyFile: LegacyPath | undefined, queries: ReadonlyMap<string, LegacyStoredQuery> = new Map<string, LegacyStoredQuery>()): Promise<AppliedGraph> {
  const sources = [...queries].sort(([a], [b]) => (a < b ? -1 : 1)).map(async ([name, { file, isExposed, toolName }]): Promise<StoredQuerySource> => {
    return { name, source: await readNamed(file, `stored query '${name}'`), toolName: toolName ?? name, isExposed };
  });
  return { graphId, uri, unready: undefined, policy: await readPolicy(policyFile), queries: await Promise.all(sources), embedding: undefined };
}

async function readPolicy(file: LegacyPath | undefined): Promise<AppliedPolicy | undefined> {
  if (file === undefined) return undefined;
  const text = await readNamed(file, "policy bundle");
  return { name: file.written, digest: contentDigest(text), text };
}

async function readNamed({ resolved, written }: LegacyPath, what: string): Promise<string> {
  try {
    return await readFile(resolved, "utf8");
  } catch (cause) {
    throw new BootSourceError(`the file ${written} of the ${what} cannot be read (${(cause as NodeJS.ErrnoException).code ?? "unknown"})`, { hint: "Correct the path; it starts from the folder of the file that names it.", cause });
  }
}

function storageUri(address: string): string {
  if (/^https?:\/\//.test(address)) throw new BootSourceError(`${address} is the address of a server, and a server serves storage`, { hint: "Name the storage of the graph: a path or s3://bucket/prefix." });
  return normalizeUri(address);
}
