import { isOmniError } from "@omnigraphdb/common";
import { type Command, CommanderError } from "commander";
import { guardFlags } from "./addressing/guard.js";
import type { CommandDefinition, GlobalFlags, Invocation } from "./command-definition.js";
import { rewriteDeprecated } from "./deprecated-spelling.js";
import { colorsWanted, debugRequested, DURABILITIES, DURABILITY_VARIABLE } from "./environment.js";
import { UsageError } from "./errors.js";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-code.js";
import { type Io, StreamClosedError } from "./io.js";
import { withLegacyBranch, withLegacyFile } from "./legacy/legacy-layer.js";
import { warn } from "./notice.js";
import { renderError } from "./output/error.js";
import { buildProgram } from "./program.js";
import { SourceNames } from "./source-names.js";

/**
 * Runs one command line.
 *
 * @param argv arguments after the program name
 * @returns what the process should end with (§1.8); failures are printed, never thrown
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const sourceNames = new SourceNames();
  try {
    const rewritten = rewriteDeprecated(argv);
    if (rewritten.notice !== undefined) await warn(io, rewritten.notice);
    return await parseAndRun(rewritten.argv, io, sourceNames);
  } catch (error) {
    return await reportFailure(error, io, sourceNames);
  }
}

async function parseAndRun(argv: readonly string[], io: Io, sourceNames: SourceNames): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT.success;
  const program = buildProgram(async (definition, parsed) => {
    exitCode = await definition.run(await invocationOf(definition, parsed, io, sourceNames));
  });
  const printed = captureOutput(program);
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    await io.stdout.write(printed.stdout);
    if (error.exitCode === 0) return EXIT.success;
    if (error.code === "commander.help") await io.stderr.write(printed.stderr);
    else throw usageErrorOf(error, printed);
    return EXIT.usage;
  }
}

async function invocationOf(definition: CommandDefinition, parsed: Command, io: Io, sourceNames: SourceNames): Promise<Invocation<object>> {
  const command = definition.path.join(" ");
  const { capability } = definition;
  const positionals = argumentsOf(parsed);
  const allFlags: GlobalFlags = parsed.optsWithGlobals();
  const ignored: readonly string[] = guardFlags(definition, allFlags, positionals);
  for (const flag of ignored) await warn(io, `--${flag} has no effect on '${command}' with this way of addressing; it is ignored`);
  const flags: GlobalFlags = Object.fromEntries(Object.entries(allFlags).filter(([name]) => !ignored.includes(name)));
  const given = flags.durability === undefined ? io : withDurability(io, flags.durability);
  const usesLegacyFile = capability !== "local" && definition.accepts.includes("config") && definition.takesClusterFolder !== true;
  const finalIo = usesLegacyFile ? await withLegacyFile(given, flags.config) : given;
  const hasBranch = capability === "any" && parsed.options.some(({ long }) => long === "--branch");
  return { io: finalIo, command, capability, positionals, flags: hasBranch ? withLegacyBranch(finalIo, flags) : flags, sourceNames, grammar: rootOf(parsed) };
}

function rootOf(command: Command): Command {
  return command.parent === null ? command : rootOf(command.parent);
}

/** In order. Those beyond the declared ones are there only where a command allows them. */
function argumentsOf({ processedArgs, registeredArguments, args }: Command): readonly (string | undefined)[] {
  // One that may be repeated is a list.
  const declared = (processedArgs as (string | undefined | string[])[]).flat();
  return registeredArguments.at(-1)?.variadic === true ? declared : [...declared, ...args.slice(registeredArguments.length)];
}

/** The flag wins over the variable. */
function withDurability(io: Io, level: string): Io {
  if (!DURABILITIES.some((name) => name === level)) {
    throw new UsageError(`--durability takes ${DURABILITIES.join(" or ")}, not '${level}'`, "See docs/user/durability.md for what each means.");
  }
  return { ...io, env: { ...io.env, [DURABILITY_VARIABLE]: level } };
}

interface CapturedOutput {
  stdout: string;
  stderr: string;
  /** Words of the command whose arguments were refused. */
  failedCommand: string;
  /** Where that command, by a flag only, takes an address; undefined where it takes none, or one as an argument. */
  addressFlag: string | undefined;
}

/** Makes the parser throw instead of ending the process, and keeps what it prints. */
function captureOutput(program: Command): CapturedOutput {
  const captured: CapturedOutput = { stdout: "", stderr: "", failedCommand: "omnigraph", addressFlag: undefined };
  const configure = (command: Command, words: string): void => {
    command.exitOverride((error) => {
      captured.failedCommand = words;
      captured.addressFlag = addressFlagOf(command);
      throw error;
    });
    command.configureOutput({
      writeOut: (text) => void (captured.stdout += text),
      writeErr: (text) => void (captured.stderr += text),
      outputError: () => undefined,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    });
    for (const child of command.commands) configure(child, `${words} ${child.name()}`);
  };
  configure(program, "omnigraph");
  return captured;
}

function addressFlagOf({ options, registeredArguments }: Command): string | undefined {
  if (registeredArguments.some((argument) => argument.name() === "URI")) return undefined;
  if (options.some(({ long, hidden }) => long === "--store" && !hidden)) return "Address the graph with --store or --uri.";
  return options.some(({ flags, hidden }) => flags === "--config <DIR>" && !hidden) ? "Name the folder of cluster.yaml with --config." : undefined;
}

function usageErrorOf(error: CommanderError, { failedCommand, addressFlag }: CapturedOutput): UsageError {
  const [message = "", ...rest] = error.message.replace(/^error: /, "").split("\n");
  const correction = rest.map((line) => line.replace(/^\(|\)$/g, "")).find((line) => line !== "");
  const misplaced = error.code === "commander.excessArguments" ? addressFlag : undefined;
  const suggestion = correction ?? misplaced;
  const help = `See '${failedCommand} --help'.`;
  return new UsageError(message, suggestion === undefined ? help : `${suggestion} ${help}`);
}

async function reportFailure(error: unknown, io: Io, sourceNames: SourceNames): Promise<ExitCode> {
  const exitCode = io.signal.aborted ? EXIT.interrupted : exitCodeOf(error);
  if (error instanceof StreamClosedError) return exitCode;
  const style = { sourceNames, withColors: colorsWanted(io.env, io.stderr.isTTY), withStack: debugRequested(io.env) };
  const shown = io.signal.aborted && leftNothing(error) ? "Error: interrupted; nothing was changed\n" : await renderError(error, style);
  // A stderr that cannot be written leaves only the exit code to tell.
  await io.stderr.write(shown).catch(() => undefined);
  return exitCode;
}

/** The call stopped because it was told to, or because its input ended that way, before anything durable happened. */
function leftNothing(error: unknown): boolean {
  if (isOmniError(error)) return error.category === "cancelled" && error.effects === "none";
  return error instanceof Error && error.name === "AbortError";
}
