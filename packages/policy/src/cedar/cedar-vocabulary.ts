import { POLICY_ACTIONS, type PolicyAction } from "@omnigraphdb/common";
import type { RecordType, SchemaJson, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import { ACTION_TRAITS } from "../action-traits.js";

const NAMESPACE = "Omnigraph";

/** The one entity that `graph_list` is asked of. */
const SERVER_ID = "root";

export const actorUid = (actor: string): TypeAndId => ({ type: `${NAMESPACE}::Actor`, id: actor });
export const groupUid = (group: string): TypeAndId => ({ type: `${NAMESPACE}::Group`, id: group });
export const actionUid = (action: PolicyAction): TypeAndId => ({ type: `${NAMESPACE}::Action`, id: action });

export function resourceUid(action: PolicyAction, graphId: string): TypeAndId {
  return ACTION_TRAITS[action].resource === "server" ? { type: `${NAMESPACE}::Server`, id: SERVER_ID } : { type: `${NAMESPACE}::Graph`, id: graphId };
}

/** What a condition may look at (policy specification §4.1). The names are given for completeness: conditions look at the flags. */
export interface CedarContext {
  readonly has_branch: boolean;
  readonly branch: string;
  readonly has_target_branch: boolean;
  readonly target_branch: string;
  readonly branch_is_protected: boolean;
  readonly target_branch_is_protected: boolean;
}

const CONTEXT: { type: "Record" } & RecordType<string> = {
  type: "Record",
  attributes: {
    has_branch: { type: "Boolean" },
    branch: { type: "String" },
    has_target_branch: { type: "Boolean" },
    target_branch: { type: "String" },
    branch_is_protected: { type: "Boolean" },
    target_branch_is_protected: { type: "Boolean" },
  } satisfies Record<keyof CedarContext, { type: string }>,
};

/** The same for every bundle. */
export const CEDAR_SCHEMA: SchemaJson<string> = {
  [NAMESPACE]: {
    entityTypes: { Actor: { memberOfTypes: ["Group"] }, Group: {}, Graph: {}, Server: {} },
    actions: Object.fromEntries(
      POLICY_ACTIONS.map((action) => {
        const resourceTypes = [ACTION_TRAITS[action].resource === "server" ? "Server" : "Graph"];
        return [action, { appliesTo: { principalTypes: ["Actor"], resourceTypes, context: CONTEXT } }];
      }),
    ),
  },
};
