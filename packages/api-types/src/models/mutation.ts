import type { GraphCommit } from "./commit.js";

export interface MutationReceipt {
  readonly branch: string;
  readonly queryName: string;
  readonly affectedNodes: number;
  readonly affectedEdges: number;
  readonly actorId: string | null;
  /** The commit of this very write; null when nothing changed. */
  readonly commit: GraphCommit | null;
}
