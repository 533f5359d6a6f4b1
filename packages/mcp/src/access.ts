import type { GraphInfo, HealthInfo, QueryCatalogEntry } from "@omnigraphdb/api-types";
import type { CallOptions, GraphClient } from "@omnigraphdb/client";
import type { TaskBranch } from "./task-branch.js";

/** A graph, and how its tools are to work on it. */
export interface GraphAccess {
  readonly client: GraphClient;
  /** As answers name the graph. */
  readonly uri: string;
  /** What is offered by name; left out where nothing is. */
  readonly storedQueries?: (options: CallOptions) => Promise<readonly QueryCatalogEntry[]>;
  /** Whether a tool changes the schema: false where only the configuration of a cluster can (server.md 12.5.5). */
  readonly canApplySchema: boolean;
  /** What calls mean that name no branch. Default `main`. */
  readonly defaultBranch?: string;
  /** Given, writes go to a branch of their own. */
  readonly taskBranch?: TaskBranch;
  /** Who writes, where the access itself does not know it. */
  readonly actor?: string | undefined;
}

/** What stands around the graphs. */
export interface ServerAccess {
  health(options: CallOptions): Promise<HealthInfo>;
  /** Left out where there is no list. */
  graphs?(options: CallOptions): Promise<readonly GraphInfo[]>;
}
