import { POLICY_ACTIONS, type PolicyAction } from "@omnigraphdb/common";
import type { Place, YamlReader } from "../yaml/yaml-reader.js";
import { BRANCH_SCOPES, type BranchScope } from "./policy-bundle.js";

/** A rule as far as it could be read, with the places its checks point at. */
export interface DraftRule {
  readonly place: Place;
  /** What messages call the rule: by its id, or by its position while it has none. */
  readonly label: string;
  readonly id: { readonly text: string; readonly place: Place } | undefined;
  readonly group: { readonly name: string; readonly place: Place } | undefined;
  readonly actions: readonly { readonly action: PolicyAction; readonly place: Place }[];
  readonly branchScope: DraftScope | undefined;
  readonly targetBranchScope: DraftScope | undefined;
}

export interface DraftScope {
  readonly place: Place;
  /** Undefined where its text is no scope. */
  readonly scope: BranchScope | undefined;
}

export function readRule(reader: YamlReader, place: Place): DraftRule | undefined {
  const members = reader.members(place, ["id", "allow"]);
  if (members === undefined) return undefined;
  const id = required(reader, place, "id", members.get("id"));
  const text = id === undefined ? undefined : reader.text(id);
  const label = text === undefined ? place.name : `rule '${text}'`;
  const allow = required(reader, place, "allow", members.get("allow"));
  const allowed = allow === undefined ? undefined : reader.members(allow, ["actors", "actions", "branch_scope", "target_branch_scope"]);
  const shared = { place, label, id: id === undefined || text === undefined ? undefined : { text, place: id } };
  if (allow === undefined || allowed === undefined) return { ...shared, group: undefined, actions: [], branchScope: undefined, targetBranchScope: undefined };
  return {
    ...shared,
    group: readGroup(reader, required(reader, allow, "actors", allowed.get("actors"))),
    actions: readActions(reader, label, required(reader, allow, "actions", allowed.get("actions"))),
    branchScope: readScope(reader, allowed.get("branch_scope")),
    targetBranchScope: readScope(reader, allowed.get("target_branch_scope")),
  };
}

function required(reader: YamlReader, parent: Place, member: string, place: Place | undefined): Place | undefined {
  if (place === undefined) reader.report(parent, `${parent.name} has no member '${member}'`);
  return place;
}

function readGroup(reader: YamlReader, actors: Place | undefined): DraftRule["group"] {
  const members = actors === undefined ? undefined : reader.members(actors, ["group"]);
  if (actors === undefined || members === undefined) return undefined;
  const place = required(reader, actors, "group", members.get("group"));
  const name = place === undefined ? undefined : reader.text(place);
  return place === undefined || name === undefined ? undefined : { name, place };
}

function readActions(reader: YamlReader, label: string, actions: Place | undefined): DraftRule["actions"] {
  const items = actions === undefined ? undefined : reader.list(actions);
  if (actions !== undefined && items?.length === 0) reader.report(actions, `${label} has no actions`);
  return (items ?? []).flatMap((place) => {
    const text = reader.text(place);
    if (text === undefined) return [];
    const action = POLICY_ACTIONS.find((known) => known === text);
    if (action === undefined) reader.report(place, `${label}: unknown action '${text}'; actions are ${POLICY_ACTIONS.join(", ")}`);
    return action === undefined ? [] : [{ action, place }];
  });
}

function readScope(reader: YamlReader, place: Place | undefined): DraftScope | undefined {
  return place === undefined ? undefined : { place, scope: reader.choice(place, BRANCH_SCOPES) };
}
