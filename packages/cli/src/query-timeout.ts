import { type Command, Option } from "commander";
import { UsageError } from "./errors.js";

export interface TimeoutFlags {
  readonly timeout?: string;
}

const MS_PER_UNIT: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

export function declareTimeout(command: Command): void {
  command.addOption(new Option("--timeout <D>", "longest the query may take: a number and one of ms, s, m, h (default: no limit)"));
}

/** Milliseconds; undefined leaves the environment's limit, if there is one. @throws UsageError */
export function timeoutMsOf({ timeout }: TimeoutFlags): number | undefined {
  if (timeout === undefined) return undefined;
  const [, digits, unit = "s"] = /^([0-9]+)(ms|s|m|h)?$/.exec(timeout) ?? [];
  const ms = digits === undefined ? Number.NaN : Number(digits) * (MS_PER_UNIT[unit] ?? Number.NaN);
  if (!Number.isSafeInteger(ms) || ms === 0) throw new UsageError(`--timeout '${timeout}' is not a duration`, "Write a whole number from 1 on and ms, s, m or h, for example 30s.");
  return ms;
}
