import type { ReadTarget } from "@omnigraphdb/client";
import { type Command, Option } from "commander";
import { UsageError } from "./errors.js";

/** Flags that say what state of a graph is read. */
export interface ReadTargetFlags {
  readonly branch?: string;
  readonly snapshot?: string;
}

/** @param verb completes the help, such as `read` */
export function declareReadTarget(command: Command, verb: string): void {
  command
    .addOption(new Option("--branch <B>", `branch to ${verb} (default: main)`))
    .addOption(new Option("--snapshot <ID>", `version to ${verb}: a commit id, manifest:main:v<n>, or @<instant>, also with --branch`));
}

/** An instant picks a version on a branch; every other snapshot is on one already (SN-8). */
export function readTarget({ branch, snapshot }: ReadTargetFlags): ReadTarget {
  if (branch !== undefined && snapshot !== undefined && !snapshot.startsWith("@")) {
    throw new UsageError("option '--branch <B>' cannot be used with option '--snapshot <ID>'", "Give one of them; only --snapshot @<instant> goes with a branch.");
  }
  return { branch, snapshot };
}
