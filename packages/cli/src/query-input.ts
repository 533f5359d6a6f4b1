import { type Command, Option } from "commander";
import type { AddressForm } from "./addressing/resolve-target.js";
import { UsageError } from "./errors.js";
import { readInputText, STDIN_PATH } from "./input-source.js";
import type { Io } from "./io.js";
import { queryFilePath } from "./legacy/query-file.js";
import { warn } from "./notice.js";
import { isHttpUrl } from "./operator/server-url.js";
import type { SourceNames } from "./source-names.js";

/** Flags that `query` and `mutate` share. */
export interface QueryInputFlags {
  readonly query?: string;
  readonly queryString?: string;
  readonly name?: string;
  readonly params?: string;
  readonly paramsFile?: string;
}

/** What the argument list of `query` or `mutate` asks for. */
export interface QueryRequest {
  /** Undefined when only a stored query is named. */
  readonly source: string | undefined;
  readonly name: string | undefined;
  readonly params: unknown;
  /** Set for a graph URI as argument, an older spelling (§11.2). */
  readonly form: AddressForm | undefined;
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const INLINE_NAME = "<query-string>";

export function declareQueryInput(command: Command): void {
  command
    .argument("[NAME]", "query to run when the source holds several")
    .addOption(new Option("--query <PATH>", "file with the query text, - for stdin").conflicts("queryString"))
    .addOption(new Option("-e, --query-string <GQ>", "query text"))
    .addOption(new Option("--params <JSON>", "parameters as a JSON object, keys without $").conflicts("paramsFile"))
    .addOption(new Option("--params-file <PATH>", "file with the parameters object, - for stdin"))
    .addOption(new Option("--name <NAME>").hideHelp());
}

/** Reads what the shared flags name. The positional is a query name, or in older spellings a graph URI (§11.2). */
export async function readQueryRequest(
  io: Io,
  command: string,
  positional: string | undefined,
  flags: QueryInputFlags,
  sourceNames: SourceNames,
): Promise<QueryRequest> {
  const reading = await readPositional(io, command, positional, flags);
  if (flags.query === STDIN_PATH && flags.paramsFile === STDIN_PATH) {
    throw new UsageError("--query and --params-file cannot both read stdin", "Put one of them into a file.");
  }
  if (reading.name === undefined && flags.query === undefined && flags.queryString === undefined) {
    throw new UsageError(`'${command}' needs a query: a NAME, --query PATH, -e GQ or --alias NAME`, `See 'omnigraph ${command} --help'.`);
  }
  return { ...reading, source: await readSource(io, flags, sourceNames), params: await readParams(io, flags) };
}

async function readPositional(
  io: Io,
  command: string,
  positional: string | undefined,
  flags: QueryInputFlags,
): Promise<Pick<QueryRequest, "name" | "form">> {
  if (flags.name !== undefined) {
    if (positional !== undefined && IDENTIFIER.test(positional)) {
      throw new UsageError(`the query is named twice: '${positional}' and --name ${flags.name}`, "Drop --name.");
    }
    await warn(io, `'--name ${flags.name}' is deprecated; write the name as argument: '${command} ${flags.name}'`);
  }
  if (positional === undefined) return { name: flags.name, form: undefined };
  if (IDENTIFIER.test(positional)) return { name: positional, form: undefined };
  // A URL gets its notice where it is found to be a server.
  if (!isHttpUrl(positional)) await warn(io, `a graph URI as argument of '${command}' is deprecated; write '--store ${positional}'`);
  return { name: flags.name, form: { positional } };
}

async function readSource(io: Io, flags: QueryInputFlags, sourceNames: SourceNames): Promise<string | undefined> {
  if (flags.queryString !== undefined) {
    if (flags.queryString.trim() === "") throw new UsageError("the query text of -e is blank", "Pass a query, or name a file with --query.");
    return sourceNames.register(flags.queryString, INLINE_NAME);
  }
  if (flags.query === undefined) return undefined;
  return sourceNames.register(await readInputText(io, "--query", await queryFilePath(io, flags.query)), flags.query);
}

/** What `--params` or `--params-file` holds, parsed; undefined without either. */
export async function readParams(io: Io, flags: Pick<QueryInputFlags, "params" | "paramsFile">): Promise<unknown> {
  const text = flags.paramsFile === undefined ? flags.params : await readInputText(io, "--params-file", flags.paramsFile);
  if (text === undefined) return undefined;
  const { parseParametersJson } = await import("@omnigraphdb/compiler");
  return parseParametersJson(text);
}
