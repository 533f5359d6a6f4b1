import { type Command, InvalidArgumentError, Option } from "commander";
import type { ChangeFilter, ChangeOp, EntityKind } from "@omnigraphdb/api-types";
import type { GraphClient } from "@omnigraphdb/client";
import type { Io } from "./io.js";
import { warn } from "./notice.js";

/** Flags that choose changes; each may be repeated. */
export interface ChangeFilterFlags {
  readonly kind?: readonly EntityKind[];
  readonly type?: readonly string[];
  readonly op?: readonly ChangeOp[];
}

const KINDS: readonly string[] = ["node", "edge"];
const OPS: readonly string[] = ["insert", "update", "delete"];

export function declareChangeFilter(command: Command): void {
  command
    .addOption(choice("--kind <KIND>", "only nodes or only edges", KINDS))
    .option("--type <T>", "only this type; repeat for several", collect)
    .addOption(choice("--op <OP>", "only this operation; repeat for several", OPS));
}

export function changeFilter({ kind = [], type = [], op = [] }: ChangeFilterFlags): ChangeFilter {
  return { kinds: kind, types: type, ops: op };
}

/** A type may have been dropped, or come later, so a name that the branch does not have now is no error (CH-29). */
export async function warnOfUnknownTypes(io: Io, client: GraphClient, { type = [] }: ChangeFilterFlags, branch = "main"): Promise<void> {
  if (type.length === 0) return;
  // Only advice: who may not look at the branch, or names none, is told by the command itself.
  const found = await client.snapshot({ branch, snapshot: undefined }).catch(() => undefined);
  if (found === undefined) return;
  const known = new Set(found.datasets.map(({ typeName }) => typeName));
  for (const name of new Set(type)) {
    if (known.has(name)) continue;
    const { didYouMean } = await import("@omnigraphdb/compiler");
    const suggestion = didYouMean(name, known);
    await warn(io, `the schema of branch '${branch}' has no type '${name}'${suggestion === undefined ? "" : `; ${suggestion}`}`);
  }
}

/** Whole numbers only; what is out of range, the engine says. */
export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new InvalidArgumentError("It takes a whole number.");
  return Number(text);
}

function choice(syntax: string, help: string, values: readonly string[]): Option {
  const option = new Option(syntax, help).choices(values);
  const check = option.parseArg as (value: string, previous: unknown) => unknown;
  // The list of choices checks one value and forgets the ones before it.
  return option.argParser((value: string, previous: readonly string[] | undefined) => {
    check(value, undefined);
    return collect(value, previous);
  });
}

function collect(value: string, previous: readonly string[] | undefined): readonly string[] {
  return [...(previous ?? []), value];
}
