import { access } from "node:fs/promises";
import { resolve } from "node:path";
import type { LegacyFile, LegacyGraph } from "@omnigraphdb/cluster";
import type { Io } from "../io.js";
import { READ_FORMATS } from "../output/read-result.js";
import { TABLE_CELL_LAYOUTS } from "../output/table-style.js";
import { LegacyFileMissingError, LegacyFileRefusedError } from "./errors.js";
import { deprecationBlock } from "./deprecation-block.js";
import { isPersonalSecret, legacyEnvironment } from "./legacy-environment.js";

/** Where the file lies when nothing names one. */
export const LEGACY_FILE_NAME = "omnigraph.yaml";

const layers = new WeakMap<Io, LegacyFile>();

/**
 * Takes up the old combined file, when there is one (§12.1): prints what its keys became, and fills unset variables from its
 * `auth.env_file`. Called once, before a command that may use it runs.
 *
 * @param configFlag `--config`
 * @returns what the command is to use; {@link legacyFileOf} knows the file
 * @throws LegacyFileError, LegacyFileMissingError, LegacyFileRefusedError
 */
export async function withLegacyFile(io: Io, configFlag: string | undefined): Promise<Io> {
  const path = await legacyPath(io, configFlag);
  if (path === undefined) return io;
  if (isStrictLegacy(io)) throw new LegacyFileRefusedError(path);
  const { readEnvFile, readLegacyFile } = await import("@omnigraphdb/cluster");
  const file = await readLegacyFile(path);
  // It was there a moment ago.
  if (file === undefined) return io;
  await checkNames(file);
  if (io.env["OMNIGRAPH_SUPPRESS_YAML_DEPRECATION"] === undefined) await io.stderr.write(deprecationBlock(file));
  const variables = file.envFile === undefined ? new Map<string, string>() : await readEnvFile(file.envFile.resolved);
  const withFile = { ...io, env: legacyEnvironment(io.env, variables) };
  layers.set(withFile, file);
  return withFile;
}

/** The old combined file of this command; undefined when there is none. */
export function legacyFileOf(io: Io): LegacyFile | undefined {
  return layers.get(io);
}

/** Flags with the branch that the file names, where neither they nor an alias say what is read or changed (§5.2). */
export function withLegacyBranch<T extends object>(io: Io, flags: T): T {
  const branch = legacyFileOf(io)?.cli.branch;
  const given: { readonly branch?: string; readonly snapshot?: string; readonly alias?: string } = flags;
  // An instant picks a version on a branch; every other snapshot is on one already.
  const isOnBranch = given.branch !== undefined || (given.snapshot !== undefined && !given.snapshot.startsWith("@"));
  return branch === undefined || isOnBranch || given.alias !== undefined ? flags : { ...flags, branch };
}

/** Whether old forms are errors (§12.4). */
export function isStrictLegacy({ env }: Pick<Io, "env">): boolean {
  return env["OMNIGRAPH_NO_LEGACY_CONFIG"] !== undefined;
}

/** A graph of the file (§10.4). Throws when there is no file, or no such graph in it. */
export async function legacyGraph(io: Io, name: string): Promise<LegacyGraph> {
  const file = legacyFileOf(io);
  const { LegacyFileError, selectLegacyGraph } = await import("@omnigraphdb/cluster");
  if (file !== undefined) return selectLegacyGraph(file, name);
  throw new LegacyFileError(resolve(io.cwd, LEGACY_FILE_NAME), `there is no such file to look the graph '${name}' up in`, { hint: "Name the file with --config, or address the graph with --store or --server." });
}

/** The variable that holds the token of a graph of the file (§7.2 step 3). A checkout cannot choose a personal secret (§7.3). */
export async function legacyTokenVariable(io: Io, name: string): Promise<string | undefined> {
  const { bearerTokenEnv } = await legacyGraph(io, name);
  if (bearerTokenEnv === undefined || !isPersonalSecret(bearerTokenEnv)) return bearerTokenEnv;
  const { LegacyFileError } = await import("@omnigraphdb/cluster");
  throw new LegacyFileError(legacyFileOf(io)?.path ?? LEGACY_FILE_NAME, `'graphs.${name}.bearer_token_env' names ${bearerTokenEnv}, which is never sent to an address from this file`, {
    hint: "Name a variable of the graph's own, or define the server in the operator configuration.",
  });
}

/** `--config`, else `$OMNIGRAPH_CONFIG`, else the file of the working directory if it is there (§10.1). */
async function legacyPath({ env, cwd }: Io, configFlag: string | undefined): Promise<string | undefined> {
  const variable = env["OMNIGRAPH_CONFIG"];
  const named = configFlag ?? (variable === "" ? undefined : variable);
  const path = resolve(cwd, named ?? LEGACY_FILE_NAME);
  if (await access(path).then(() => true, () => false)) return path;
  if (named === undefined) return undefined;
  throw new LegacyFileMissingError(path, configFlag === undefined ? "OMNIGRAPH_CONFIG" : "--config");
}

/** Words that only the command line knows. */
async function checkNames(file: LegacyFile): Promise<void> {
  const formats = [["cli.output_format", file.cli.outputFormat] as const, ...[...file.aliases].map(([name, { format }]) => [`aliases.${name}.format`, format] as const)];
  const wrong =
    formats.find(([, format]) => format !== undefined && !READ_FORMATS.some((known) => known === format))?.[0] ??
    (file.cli.tableCellLayout === undefined || TABLE_CELL_LAYOUTS.some((known) => known === file.cli.tableCellLayout) ? undefined : "cli.table_cell_layout");
  if (wrong === undefined) return;
  const { LegacyFileError } = await import("@omnigraphdb/cluster");
  throw new LegacyFileError(file.path, `'${wrong}' must be one of ${(wrong === "cli.table_cell_layout" ? TABLE_CELL_LAYOUTS : READ_FORMATS).join(", ")}`);
}
