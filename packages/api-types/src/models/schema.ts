import type { Json } from "@omnigraphdb/common";
import type { GraphCommit } from "./commit.js";

/** One step of a migration: the members of its kind as the schema specification names them, and a line for people. */
export interface SchemaStep {
  readonly kind: string;
  readonly description: string;
  readonly [member: string]: Json;
}

export interface SchemaApplyReceipt {
  /** A plan with an unsupported step is an error, so this is always true. */
  readonly supported: true;
  /** False when the plan was empty. */
  readonly applied: boolean;
  /** In plan order. */
  readonly steps: readonly SchemaStep[];
  readonly graphManifestVersion: number;
  readonly actorId: string | null;
  /** Null when nothing was applied. */
  readonly commit: GraphCommit | null;
}
