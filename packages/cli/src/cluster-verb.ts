import { resolve } from "node:path";
import type { ClusterEnvironment, VerbOptions } from "@omnigraphdb/cluster";
import { isOmniError, type OmniError } from "@omnigraphdb/common";
import type { Command } from "commander";
import { clusterActor } from "./actor.js";
import type { GlobalFlag, Invocation } from "./command-definition.js";
import { objectStoreEnvironment } from "./environment.js";
import { UsageError } from "./errors.js";
import { EXIT, type ExitCode } from "./exit-code.js";
import { type ClusterStyle, clusterStyle } from "./output/cluster/cluster-style.js";
import type { ShownDiagnostic } from "./output/cluster/diagnostics.js";
import { showClusterProgress } from "./output/cluster/progress.js";
import { jsonDocument } from "./output/json.js";

export interface ClusterFlags {
  readonly json?: boolean;
}

/** What every verb of the control plane answers with; it fails by diagnostics, not by throwing. */
export interface ClusterOutcome {
  readonly isOk: boolean;
}

/** A verb, and how its outcome is shown (cluster.md §13). Members get what is heavy to load when they are called. */
export interface ClusterVerb<Outcome extends ClusterOutcome> {
  /** Whether the default actor is looked up, and has to be there (cluster.md §11.8, 9.1). */
  readonly actor: "none" | "recorded" | "required";
  run(options: VerbOptions): Promise<Outcome>;
  document(outcome: Outcome): object;
  /** Lines. */
  text(outcome: Outcome, style: ClusterStyle): readonly string[];
  /** Of a run that did not come as far as having an outcome. */
  failure(configDirectory: string, diagnostics: readonly ShownDiagnostic[]): object;
}

export const CLUSTER_FLAGS: readonly GlobalFlag[] = ["config", "quiet"];

/** Of those that record who ran them (§4.2). */
export const CLUSTER_ACTOR_FLAGS: readonly GlobalFlag[] = [...CLUSTER_FLAGS, "as"];

export function declareClusterVerb(command: Command): Command {
  return command.option("--json", "print a JSON document");
}

/**
 * Runs one verb and prints its outcome: exit code 1 exactly when it is not ok (cluster.md §13.5). With `--json` a failure that keeps the
 * verb from running at all, such as a broken operator configuration, is a document as well (§1.9).
 */
export async function runClusterVerb<Outcome extends ClusterOutcome>(invocation: Invocation<ClusterFlags>, verb: ClusterVerb<Outcome>): Promise<ExitCode> {
  const { io, flags } = invocation;
  // What an unset variable of a script left must not mean the working directory.
  if (flags.config?.trim() === "") throw new UsageError("--config is blank", "Name the folder of cluster.yaml, or leave the flag out for the working directory.");
  const configDirectory = resolve(io.cwd, flags.config ?? ".");
  let outcome: Outcome;
  try {
    outcome = await runWithProgress(invocation, configDirectory, verb);
  } catch (error) {
    if (flags.json !== true || !isOmniError(error) || error.category === "cancelled" || error instanceof UsageError) throw error;
    await io.stdout.write(jsonDocument(verb.failure(configDirectory, [failureOf(error)])));
    return EXIT.failure;
  }
  const shown = flags.json === true ? jsonDocument(verb.document(outcome)) : `${verb.text(outcome, await clusterStyle(io, flags.config)).join("\n")}\n`;
  await io.stdout.write(shown);
  return outcome.isOk ? EXIT.success : EXIT.failure;
}

async function runWithProgress<Outcome extends ClusterOutcome>(invocation: Invocation<ClusterFlags>, configDirectory: string, verb: ClusterVerb<Outcome>): Promise<Outcome> {
  const { flags } = invocation;
  const actor = verb.actor === "none" ? undefined : await clusterActor(invocation, verb.actor);
  const environment = await environmentOf(invocation);
  await using progress = showClusterProgress(invocation.io, flags.json === true || flags.quiet === true);
  return await verb.run({
    configDirectory,
    environment: progress.onProgress === undefined ? environment : { ...environment, onProgress: progress.onProgress },
    ...(actor === undefined ? {} : { actor }),
  });
}

async function environmentOf({ io }: Invocation<ClusterFlags>): Promise<ClusterEnvironment> {
  const { clusterEnvironment } = await import("@omnigraphdb/cluster");
  const { parseS3Environment, parseSettingsEnvironment } = await import("@omnigraphdb/engine");
  const { durability } = parseSettingsEnvironment(io.env);
  return clusterEnvironment({ s3: parseS3Environment(objectStoreEnvironment(io.env)), signal: io.signal, ...(durability === undefined ? {} : { durability }) });
}

/** Codes of the command line itself are those of its errors, in the spelling of the others. */
function failureOf(error: OmniError): ShownDiagnostic {
  const { code, message, hint } = error;
  return { code: code.toLowerCase(), severity: "error", path: "command line", message: hint === undefined ? message : `${message}. ${hint}` };
}
