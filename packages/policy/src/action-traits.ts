import type { PolicyAction } from "@omnigraphdb/common";

/** What a rule with an action can be limited by, and what the action is asked of (policy specification §3.3). */
export interface ActionTraits {
  readonly resource: "graph" | "server";
  /** The one scope member that a rule with this action may have. */
  readonly scope: "branch_scope" | "target_branch_scope" | null;
}

export const ACTION_TRAITS: Readonly<Record<PolicyAction, ActionTraits>> = {
  read: { resource: "graph", scope: "branch_scope" },
  export: { resource: "graph", scope: "branch_scope" },
  change: { resource: "graph", scope: "branch_scope" },
  schema_apply: { resource: "graph", scope: "target_branch_scope" },
  branch_create: { resource: "graph", scope: "target_branch_scope" },
  branch_delete: { resource: "graph", scope: "target_branch_scope" },
  branch_merge: { resource: "graph", scope: "target_branch_scope" },
  admin: { resource: "graph", scope: null },
  invoke_query: { resource: "graph", scope: null },
  graph_list: { resource: "server", scope: null },
};
