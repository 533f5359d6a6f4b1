import { Option, type Command } from "commander";
import type { LegacyAlias, LegacyFile } from "@omnigraphdb/cluster";
import { mergeParameters, positionalParameters } from "./alias-parameters.js";
import type { Invocation } from "./command-definition.js";
import { UsageError } from "./errors.js";
import { readInputText } from "./input-source.js";
import type { Io } from "./io.js";
import { legacyFileOf } from "./legacy/legacy-layer.js";
import { queryFilePath } from "./legacy/query-file.js";
import { warn } from "./notice.js";
import { ambientProfile } from "./operator/active-profile.js";
import { aliasCall } from "./operator/alias-call.js";
import { loadOperatorConfig } from "./operator/config.js";
import { AliasError } from "./operator/errors.js";
import { READ_FORMATS } from "./output/read-result.js";
import { type QueryInputFlags, type QueryRequest, readParams, readQueryRequest } from "./query-input.js";

export interface AliasFlags {
  readonly alias?: string;
  readonly branch?: string;
  readonly snapshot?: string;
  readonly format?: string;
  readonly json?: boolean;
}

/** A query, and the invocation with what its alias says where the flags say nothing. */
export interface ExpandedQuery<F> {
  readonly invocation: Invocation<F>;
  readonly request: QueryRequest;
}

/** The older spelling of `omnigraph alias` (§11.4), with its arguments; help shows only today's. */
export function declareAlias(command: Command): void {
  command.allowExcessArguments(true).addOption(new Option("--alias <NAME>").conflicts(["query", "queryString", "name"]).hideHelp());
}

/** What a `query` or `mutate` asks for, by its own flags or by an alias. Throws AliasError and what reading files throws. */
export async function readQueryOrAlias<F extends QueryInputFlags & AliasFlags>(invocation: Invocation<F>): Promise<ExpandedQuery<F>> {
  const { io, command, flags, sourceNames } = invocation;
  const args = invocation.positionals.filter((positional) => positional !== undefined);
  if (flags.alias !== undefined) return expandAlias(invocation, flags.alias, args);
  if (args.length > 1) {
    throw new UsageError(`too many arguments for '${command}'. Expected 1 argument but got ${args.length}.`, `Address the graph with --store or --uri. See 'omnigraph ${command} --help'.`);
  }
  return { invocation, request: await readQueryRequest(io, command, args[0], flags, sourceNames) };
}

/** The old combined file goes before the operator configuration (§11.4). */
async function expandAlias<F extends QueryInputFlags & AliasFlags>(invocation: Invocation<F>, name: string, args: readonly string[]): Promise<ExpandedQuery<F>> {
  const { io, command } = invocation;
  await warn(io, `'${command} --alias ${name}' is deprecated; use 'omnigraph alias ${name}' with an alias of the operator configuration`);
  const file = legacyFileOf(io);
  const alias = file?.aliases.get(name);
  if (file === undefined || alias === undefined) return operatorAlias(invocation, name, args);
  const { aliases, path } = await loadOperatorConfig(io);
  if (aliases.has(name)) await warn(io, `alias '${name}' is in ${file.path} and in ${path ?? "the operator configuration"}; the first counts`);
  if (alias.command !== command) throw new AliasError(`alias '${name}' is for '${alias.command}', and '${command}' was called`, { hint: `Run 'omnigraph ${alias.command} --alias ${name}'.` });
  return legacyAlias(invocation, file, name, alias, args);
}

async function legacyAlias<F extends QueryInputFlags & AliasFlags>(invocation: Invocation<F>, file: LegacyFile, name: string, alias: LegacyAlias, args: readonly string[]): Promise<ExpandedQuery<F>> {
  const { io, flags, sourceNames } = invocation;
  const uri = args[0] !== undefined && isGraphUri(args[0]) && !(await isAddressed(io, file, alias, flags)) ? args[0] : undefined;
  const positional = await positionalParameters(name, alias.args, uri === undefined ? args : args.slice(1));
  const params = mergeParameters(name, new Map(), positional, await readParams(io, flags));
  const path = await queryFilePath(io, alias.query);
  const source = sourceNames.register(await readInputText(io, `the query of alias '${name}'`, path, false), alias.query);
  const target = hasAddressFlag(flags) || alias.graph === undefined ? {} : { target: alias.graph };
  const format = flags.json === true ? undefined : (flags.format ?? READ_FORMATS.find((known) => known === alias.format));
  return {
    invocation: { ...invocation, flags: { ...flags, ...target, ...branchOf(flags, alias.branch ?? file.cli.branch), ...(format === undefined ? {} : { format }) } },
    request: { source, name: alias.name, params, form: uri === undefined ? undefined : { positional: uri } },
  };
}

/** Flags go before the server and the graph of the binding (O9 of the operator configuration). */
async function operatorAlias<F extends QueryInputFlags & AliasFlags>(invocation: Invocation<F>, name: string, args: readonly string[]): Promise<ExpandedQuery<F>> {
  const { io, command, flags } = invocation;
  const { server, graphId, query, params, format } = await aliasCall(await loadOperatorConfig(io), name, args, await readParams(io, flags));
  if (command !== "query") throw new AliasError(`alias '${name}' of the operator configuration only reads, and '${command}' was called`, { hint: `Run 'omnigraph ${command} ${query} --server ${server}'.` });
  const scope = hasAddressFlag(flags) ? {} : { server, ...(flags.graph === undefined && graphId !== undefined ? { graph: graphId } : {}) };
  const shown = flags.json === true ? undefined : (flags.format ?? format);
  return {
    invocation: { ...invocation, flags: { ...flags, ...scope, ...(shown === undefined ? {} : { format: shown }) } },
    request: { source: undefined, name: query, params, form: undefined },
  };
}

type AddressFlags = Pick<Invocation<object>["flags"], "server" | "cluster" | "store" | "profile" | "uri" | "target">;

function hasAddressFlag({ server, cluster, store, profile, uri, target }: AddressFlags): boolean {
  return [server, cluster, store, profile, uri, target].some((value) => value !== undefined);
}

/** Whether flags, the alias or the configuration say where (§11.2 rule 1). */
async function isAddressed(io: Io, file: LegacyFile, alias: LegacyAlias, flags: AddressFlags): Promise<boolean> {
  if (hasAddressFlag(flags) || alias.graph !== undefined || file.cli.graph !== undefined || ambientProfile(io) !== undefined) return true;
  const { defaults } = await loadOperatorConfig(io);
  return defaults.server !== undefined || defaults.store !== undefined;
}

function isGraphUri(text: string): boolean {
  return text.includes("://") || text.endsWith(".omni");
}

/** An instant picks a version on a branch; every other snapshot is on one already. */
function branchOf({ branch, snapshot }: AliasFlags, fallback: string | undefined): { readonly branch?: string } {
  const isDecided = branch !== undefined || (snapshot !== undefined && !snapshot.startsWith("@"));
  return isDecided || fallback === undefined ? {} : { branch: fallback };
}
