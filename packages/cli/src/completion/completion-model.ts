import type { Argument, Command, Option } from "commander";
import { DURABILITIES } from "../environment.js";

/** What may stand in a place of the command line. `text` is anything, so nothing is offered. */
export type CompletionValues =
  | { readonly kind: "choices"; readonly choices: readonly string[] }
  | { readonly kind: "files" }
  | { readonly kind: "folders" }
  | { readonly kind: "text" };

export interface CompletionOption {
  /** `--json`. */
  readonly long: string;
  /** `-e`. */
  readonly short: string | undefined;
  readonly description: string;
  /** Undefined for a switch, and for a value that may be left out. */
  readonly value: CompletionValues | undefined;
  readonly isRepeatable: boolean;
}

export interface CompletionArgument {
  readonly name: string;
  readonly isRepeatable: boolean;
  readonly value: CompletionValues;
}

/** A level of the command line: the program, a group or a command. */
export interface CompletionCommand {
  /** Words after `omnigraph`; empty for the program itself. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly commands: readonly CompletionCommand[];
  readonly options: readonly CompletionOption[];
  readonly positionals: readonly CompletionArgument[];
}

/** What the shells are told of the grammar: whatever help shows, and nothing else. */
export function completionModel(program: Command, path: readonly string[] = []): CompletionCommand {
  const help = program.createHelp();
  return {
    path,
    summary: program.summary(),
    commands: help.visibleCommands(program).map((command) => completionModel(command, [...path, command.name()])),
    options: help.visibleOptions(program).flatMap(optionOf),
    positionals: program.registeredArguments.map(argumentOf),
  };
}

/** The command and everything below it, parents first. */
export function* everyCommand(command: CompletionCommand): Iterable<CompletionCommand> {
  yield command;
  for (const child of command.commands) yield* everyCommand(child);
}

/** Flags whose next word is their value, on any level. A flag means the same thing wherever it is taken. */
export function valueFlags(program: Command): readonly string[] {
  const flags = new Set<string>();
  const visit = (command: Command): void => {
    for (const option of command.options) if (option.required) for (const flag of [option.long, option.short]) if (flag) flags.add(flag);
    command.commands.forEach(visit);
  };
  visit(program);
  return [...flags].sort();
}

function optionOf(option: Option): readonly CompletionOption[] {
  if (option.long === undefined || option.long === null) return [];
  const placeholder = /<([^>]+)>/.exec(option.flags)?.[1] ?? "";
  return [{
    long: option.long,
    short: option.short ?? undefined,
    description: option.description,
    value: option.required ? valuesOf(option.argChoices, placeholder) : undefined,
    isRepeatable: option.variadic || /repeat/.test(option.description),
  }];
}

function argumentOf(argument: Argument): CompletionArgument {
  const name = argument.name();
  return { name, isRepeatable: argument.variadic, value: valuesOf(argument.argChoices, name) };
}

function valuesOf(choices: readonly string[] | undefined, placeholder: string): CompletionValues {
  return choices === undefined ? (BY_PLACEHOLDER[placeholder] ?? { kind: "text" }) : { kind: "choices", choices };
}

/** Help names values by what they are. A graph and a cluster are folders, where they are no URIs. */
const BY_PLACEHOLDER: Readonly<Record<string, CompletionValues>> = {
  DIR: { kind: "folders" },
  "DIR|URI": { kind: "folders" },
  URI: { kind: "folders" },
  FILE: { kind: "files" },
  PATH: { kind: "files" },
  LEVEL: { kind: "choices", choices: DURABILITIES },
};
