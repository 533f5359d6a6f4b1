import type { Durability } from "@omnigraphdb/engine";
import type { Io } from "./io.js";

/** What an acknowledged write survives: the death of any process, or loss of power as well. */
export const DURABILITIES: readonly Durability[] = ["process", "power"];

export const DURABILITY_VARIABLE = "OMNIGRAPH_DURABILITY";

/** Whether failures show stack traces. */
export function debugRequested(env: Io["env"]): boolean {
  return present(env, "OMNIGRAPH_DEBUG") !== undefined;
}

/** The variables that describe access to an S3-compatible store (§11.3). */
export function objectStoreEnvironment(env: Io["env"]): Io["env"] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("AWS_")));
}

/** Colours follow the terminal unless `NO_COLOR` or `FORCE_COLOR` says otherwise. */
export function colorsWanted(env: Io["env"], isTTY: boolean): boolean {
  if (present(env, "NO_COLOR") !== undefined) return false;
  const forced = present(env, "FORCE_COLOR");
  return forced === undefined ? isTTY : forced !== "0" && forced !== "false";
}

function present(env: Io["env"], name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === "" ? undefined : value;
}
