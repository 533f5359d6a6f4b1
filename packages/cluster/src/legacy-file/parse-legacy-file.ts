import { readFile } from "node:fs/promises";
import { dirname, isAbsolute, join, resolve } from "node:path";
import { type Document, parseDocument, visit } from "yaml";
import { LegacyFileError } from "./errors.js";
import { LEGACY_KEYS, type LegacyAlias, type LegacyFile, type LegacyGraph, type LegacyPath, type LegacyStoredQuery } from "./legacy-file.js";
import { LegacySection } from "./legacy-section.js";

/** Commands an alias may stand for, in old and new words (§10.5). */
const ALIAS_COMMANDS: ReadonlyMap<string, LegacyAlias["command"]> = new Map([
  ["query", "query"],
  ["read", "query"],
  ["mutate", "mutate"],
  ["change", "mutate"],
]);

/**
 * Reads the file.
 *
 * @param path relative to the process's working directory, or absolute
 * @returns undefined when there is no such file
 * @throws LegacyFileError
 */
export async function readLegacyFile(path: string): Promise<LegacyFile | undefined> {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    const problem = error instanceof TypeError ? "the file is not valid UTF-8" : `the file cannot be read (${code ?? "unknown"})`;
    throw new LegacyFileError(path, problem, { cause: error });
  }
  return parseLegacyFile(path, text);
}

/** Keys that the format does not know are set apart, without an error (§10.2). Throws {@link LegacyFileError}. */
export function parseLegacyFile(path: string, text: string): LegacyFile {
  const top = topSection(path, text);
  const directory = dirname(resolve(path));
  const pathIn = (written: string | undefined): LegacyPath | undefined => (written === undefined ? undefined : { written, resolved: resolvePath(directory, written) });
  const queriesIn = (section: LegacySection): ReadonlyMap<string, LegacyStoredQuery> =>
    section.members("queries", (query) => ({
      file: pathOf(directory, query.requiredString("file")),
      isExposed: query.section("mcp").boolean("expose") ?? true,
      toolName: query.section("mcp").string("tool_name"),
    }));
  const server = top.section("server");
  const cli = top.section("cli");
  return {
    path,
    directory,
    projectName: top.section("project").string("name"),
    graphs: top.members("graphs", (graph): LegacyGraph => ({
      uri: pathOf(directory, graph.requiredString("uri")),
      bearerTokenEnv: graph.string("bearer_token_env"),
      policyFile: pathIn(graph.section("policy").string("file")),
      queries: queriesIn(graph),
    })),
    server: { graph: server.string("graph"), bind: server.string("bind"), policyFile: pathIn(server.section("policy").string("file")) },
    envFile: pathIn(top.section("auth").string("env_file")),
    cli: {
      graph: cli.string("graph"),
      branch: cli.string("branch"),
      outputFormat: cli.string("output_format"),
      tableMaxColumnWidth: cli.positiveInteger("table_max_column_width"),
      tableCellLayout: cli.string("table_cell_layout"),
      actor: cli.string("actor"),
    },
    queryRoots: top.section("query").strings("roots").map((root) => pathOf(directory, root)),
    aliases: top.members("aliases", aliasOf),
    policyFile: pathIn(top.section("policy").string("file")),
    queries: queriesIn(top),
    unknownKeys: top.leaves().filter((words) => !isKnown(words)).map((words) => words.join(".")),
  };
}

function topSection(path: string, text: string): LegacySection {
  const document = parseDocument(text, { logLevel: "error" });
  const [error] = document.errors;
  if (error !== undefined) throw new LegacyFileError(path, error.message);
  if (refersToItself(document)) throw new LegacyFileError(path, "a value refers to itself");
  let value: unknown;
  try {
    value = document.toJS({ maxAliasCount: 100 });
  } catch (cause) {
    throw new LegacyFileError(path, "its aliases expand without bound", { cause });
  }
  if (value === null || value === undefined) return new LegacySection(path, "", {});
  if (typeof value !== "object" || Array.isArray(value)) throw new LegacyFileError(path, "the file must be a mapping of keys to values");
  return new LegacySection(path, "", value as Readonly<Record<string, unknown>>);
}

/** An alias can name earlier anchors only, so a cycle leads to one of its own ancestors. */
function refersToItself(document: Document): boolean {
  let isCyclic = false;
  visit(document, {
    Alias(_key, alias, ancestors) {
      isCyclic ||= ancestors.some((ancestor) => ancestor === alias.resolve(document));
    },
  });
  return isCyclic;
}

function aliasOf(section: LegacySection): LegacyAlias {
  const command = ALIAS_COMMANDS.get(section.string("command") ?? "query");
  if (command === undefined) throw section.wrong("command", `one of ${[...ALIAS_COMMANDS.keys()].join(", ")}`);
  return {
    command,
    query: section.requiredString("query"),
    name: section.string("name"),
    args: section.strings("args"),
    graph: section.string("graph"),
    branch: section.string("branch"),
    format: section.string("format"),
  };
}

function pathOf(directory: string, written: string): LegacyPath {
  return { written, resolved: resolvePath(directory, written) };
}

function resolvePath(directory: string, written: string): string {
  return written.includes("://") || isAbsolute(written) ? written : join(directory, written);
}

/** A key without a value is known when it is where a known key could begin. */
function isKnown(words: readonly string[]): boolean {
  return PATTERNS.some((pattern) => words.length <= pattern.length && words.every((word, at) => pattern[at] === "*" || pattern[at] === word));
}

const PATTERNS: readonly (readonly string[])[] = LEGACY_KEYS.map((key) => key.split("."));
