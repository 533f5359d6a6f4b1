import type { DesiredState } from "../config/desired-state.js";
import { loadDesiredState } from "../config/load-desired-state.js";
import type { Diagnostics } from "../diagnostics/cluster-diagnostic.js";
import type { VerbOptions } from "./cluster-environment.js";

/** The first step of a command that needs the whole configuration. @returns undefined iff an error was added */
export async function loadDeclared({ configDirectory, environment }: Pick<VerbOptions, "configDirectory" | "environment">, diagnostics: Diagnostics): Promise<DesiredState | undefined> {
  environment.onProgress?.({ phase: "load", done: 0, total: 1 });
  const desired = await loadDesiredState(configDirectory, diagnostics);
  environment.onProgress?.({ phase: "load", done: 1, total: 1 });
  return desired;
}
