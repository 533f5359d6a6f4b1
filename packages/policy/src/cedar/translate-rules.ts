import { POLICY_ACTIONS, type PolicyAction } from "@omnigraphdb/common";
import type { Clause, Expr, PolicyJson } from "@cedar-policy/cedar-wasm/nodejs";
import type { BranchScope, PolicyBundle, PolicyRule } from "../bundle/policy-bundle.js";
import { actionUid, type CedarContext, groupUid, resourceUid } from "./cedar-vocabulary.js";

export interface TranslatedRules {
  /** Policies of each action, by their ids. Only those can ever decide about a request for it. */
  readonly policiesOf: ReadonlyMap<PolicyAction, Readonly<Record<string, PolicyJson>>>;
  /** The rule each policy was made from: rule ids may contain any character, so no policy id is taken apart again (§4.3). */
  readonly ruleIds: ReadonlyMap<string, string>;
}

/** One `permit` for each action of each rule. Built as objects, never as text: no name is ever escaped by hand (4.6.1). */
export function translateRules({ rules }: PolicyBundle, graphId: string): TranslatedRules {
  const entries = rules.flatMap((rule) => rule.actions.map((action) => ({ policyId: `${rule.id}:${action}`, rule, action })));
  const policiesFor = (wanted: PolicyAction): Readonly<Record<string, PolicyJson>> => {
    return Object.fromEntries(entries.filter(({ action }) => action === wanted).map(({ policyId, rule, action }) => [policyId, permit(rule, action, graphId)]));
  };
  return {
    policiesOf: new Map(POLICY_ACTIONS.map((action) => [action, policiesFor(action)])),
    ruleIds: new Map(entries.map(({ policyId, rule }) => [policyId, rule.id])),
  };
}

function permit(rule: PolicyRule, action: PolicyAction, graphId: string): PolicyJson {
  return {
    effect: "permit",
    principal: { op: "in", entity: groupUid(rule.group) },
    action: { op: "==", entity: actionUid(action) },
    resource: { op: "==", entity: resourceUid(action, graphId) },
    conditions: [
      ...scopeCondition(rule.branchScope, "has_branch", "branch_is_protected"),
      ...scopeCondition(rule.targetBranchScope, "has_target_branch", "target_branch_is_protected"),
    ],
  };
}

/** A request without the branch is outside of both `protected` and `unprotected` (§3.5). */
function scopeCondition(scope: BranchScope | undefined, has: keyof CedarContext, isProtected: keyof CedarContext): readonly Clause[] {
  if (scope === undefined || scope === "any") return [];
  const flag = attribute(isProtected);
  const right: Expr = scope === "protected" ? flag : { "!": { arg: flag } };
  return [{ kind: "when", body: { "&&": { left: attribute(has), right } } }];
}

function attribute(name: keyof CedarContext): Expr {
  return { ".": { left: { Var: "context" }, attr: name } };
}
