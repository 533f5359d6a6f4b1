import { stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { diagnostic, Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import { CLUSTER_FILE } from "../storage/storage-root.js";
import { checkWholeFile } from "./check-whole-file.js";
import { ConfigDocument } from "./config-document.js";
import { CLUSTER_FILE_BYTES_MAX, SYNTAX_ERRORS_MAX } from "./config-limits.js";
import { ConfigReader } from "./config-reader.js";
import { fileSystemProblem, readTextFile } from "./text-file.js";

/** A `cluster.yaml` that is YAML and has no repeated, reserved or removed key. */
export interface OpenedClusterFile {
  /** Absolute. */
  readonly configDirectory: string;
  /** Absolute. */
  readonly configFile: string;
  readonly document: ConfigDocument;
}

/**
 * Steps 1 to 5 of the checks (cluster.md §2.3), and of step 6 the syntax. The first step that finds something is the last, but for steps 3
 * to 5, whose findings come together.
 *
 * @returns undefined iff an error was added
 */
export async function openClusterFile(directory: string, diagnostics: Diagnostics): Promise<OpenedClusterFile | undefined> {
  const configDirectory = resolve(directory);
  const configFile = join(configDirectory, CLUSTER_FILE);
  const beginning = { file: configFile, line: 1, column: 1 };
  const problem = await problemOfDirectory(configDirectory);
  if (problem !== undefined) {
    diagnostics.add(diagnostic("config_dir_not_found", configDirectory, `the configuration directory ${problem}; name the folder that holds ${CLUSTER_FILE}`, { place: beginning }));
    return undefined;
  }
  const read = readTextFile(configFile, CLUSTER_FILE_BYTES_MAX);
  if (!("text" in read)) {
    const advice = read.reason === "missing" ? "create it, or name its folder with --config" : "correct that first";
    diagnostics.add(diagnostic("cluster_config_read_error", configFile, `${CLUSTER_FILE} ${read.problem}; ${advice}`, { place: { ...beginning, line: read.line, column: read.column } }));
    return undefined;
  }
  const document = new ConfigDocument(configFile, read.text);
  const syntax = document.syntaxProblems;
  const wholeFile = new Diagnostics();
  checkWholeFile(document, syntax[0]?.offset ?? Infinity, wholeFile);
  diagnostics.addAll(wholeFile.list());
  if (wholeFile.hasErrors) return undefined;
  for (const { offset, message } of syntax.slice(0, SYNTAX_ERRORS_MAX)) diagnostics.add(diagnostic("invalid_cluster_yaml", CLUSTER_FILE, `not YAML: ${message}`, { place: document.place(offset) }));
  return syntax.length > 0 ? undefined : { configDirectory, configFile, document };
}

/**
 * Runs step 6 of the checks: what is found comes in the order of the text, together with what YAML has and this file must not use.
 *
 * @param read reads all that is wanted of the file
 * @param isWanted whether the value behind a dotted key is part of that
 */
export function readDeclarations<T>(document: ConfigDocument, diagnostics: Diagnostics, read: (reader: ConfigReader) => T, isWanted: (path: string) => boolean = () => true): T {
  const found = new Diagnostics();
  for (const { path, offset, message } of document.unsupportedFeatures()) if (isWanted(path)) found.add(diagnostic("invalid_cluster_yaml", path === "" ? CLUSTER_FILE : path, message, { place: document.place(offset) }));
  const declared = read(new ConfigReader(document, found));
  diagnostics.addAll([...found.list()].sort((a, b) => (a.place?.line ?? 0) - (b.place?.line ?? 0) || (a.place?.column ?? 0) - (b.place?.column ?? 0)));
  return declared;
}

async function problemOfDirectory(directory: string): Promise<string | undefined> {
  try {
    return (await stat(directory)).isDirectory() ? undefined : `${directory} is no directory`;
  } catch (error) {
    return `${directory} ${fileSystemProblem(error)}`;
  }
}
