import { ACTION_TRAITS, type ActionTraits } from "../action-traits.js";
import type { YamlReader } from "../yaml/yaml-reader.js";
import type { PolicyBundleKind, PolicyRule } from "./policy-bundle.js";
import type { DraftRule, DraftScope } from "./read-rule.js";

/** What must hold beyond the form of the text (policy specification §3.2, §3.4). @returns the rules, complete unless problems were noted */
export function checkBundle(
  reader: YamlReader,
  drafts: readonly DraftRule[],
  groups: ReadonlyMap<string, readonly string[]>,
  kind: PolicyBundleKind,
): readonly PolicyRule[] {
  const ids = new Set<string>();
  return drafts.flatMap((draft) => {
    if (draft.id !== undefined) {
      if (ids.has(draft.id.text)) reader.report(draft.id.place, `two rules have the id '${draft.id.text}'`);
      ids.add(draft.id.text);
    }
    if (draft.group !== undefined && !groups.has(draft.group.name)) {
      const declared = groups.size === 0 ? "no groups are declared" : `groups are ${[...groups.keys()].join(", ")}`;
      reader.report(draft.group.place, `${draft.label}: group '${draft.group.name}' is not declared; ${declared}`);
    }
    checkScopes(reader, draft);
    checkResources(reader, draft, kind);
    return complete(draft);
  });
}

function checkScopes(reader: YamlReader, { label, actions, branchScope, targetBranchScope }: DraftRule): void {
  if (branchScope !== undefined && targetBranchScope !== undefined) {
    reader.report(targetBranchScope.place, `${label} has branch_scope and target_branch_scope; a rule has at most one of them`);
    return;
  }
  const given: readonly (readonly ["branch_scope" | "target_branch_scope", DraftScope | undefined])[] = [
    ["branch_scope", branchScope],
    ["target_branch_scope", targetBranchScope],
  ];
  for (const [scope, draft] of given) {
    if (draft === undefined) continue;
    for (const { action, place } of actions) {
      const takes = ACTION_TRAITS[action].scope;
      if (takes !== scope) reader.report(place, `${label}: action '${action}' takes ${takes ?? "no scope"}, not ${scope}; split the rule`);
    }
  }
}

function checkResources(reader: YamlReader, { place, label, actions }: DraftRule, kind: PolicyBundleKind): void {
  const resources = new Set<ActionTraits["resource"]>(actions.map(({ action }) => ACTION_TRAITS[action].resource));
  if (resources.size > 1) {
    reader.report(place, `${label} mixes actions on the server with actions on graphs: ${actions.map(({ action }) => action).join(", ")}; split the rule`);
  }
  for (const { action, place: actionPlace } of actions) {
    if (ACTION_TRAITS[action].resource === kind) continue;
    reader.report(actionPlace, `${label}: action '${action}' ${kind === "graph" ? "belongs into a bundle bound to the cluster, not to a graph" : "belongs into a bundle bound to a graph, not to the cluster"}`);
  }
}

function complete({ id, group, actions, branchScope, targetBranchScope }: DraftRule): readonly PolicyRule[] {
  if (id === undefined || group === undefined) return [];
  return [
    {
      id: id.text,
      group: group.name,
      actions: [...new Set(actions.map(({ action }) => action))],
      ...(branchScope?.scope === undefined ? {} : { branchScope: branchScope.scope }),
      ...(targetBranchScope?.scope === undefined ? {} : { targetBranchScope: targetBranchScope.scope }),
    },
  ];
}
