import type { PolicyAction, PolicyRequest } from "@omnigraphdb/common";
import { stringify } from "yaml";

/** A bundle as its document says it. */
export interface BundleDocument {
  readonly version: 1;
  readonly groups: Readonly<Record<string, readonly string[]>>;
  readonly protected_branches: readonly string[];
  readonly rules: readonly RuleDocument[];
}

export interface RuleDocument {
  readonly id: string;
  readonly allow: {
    readonly actors: { readonly group: string };
    readonly actions: readonly PolicyAction[];
    readonly branch_scope?: ScopeText;
    readonly target_branch_scope?: ScopeText;
  };
}

export type ScopeText = "any" | "protected" | "unprotected";

/** The document as a bundle file has it. */
export function policyText(document: BundleDocument): string {
  return stringify(document);
}

/** What the specification (§3.5, §4.5) says about a request, in its plainest form: nothing of the implementation is used here. */
export function expectedDecision(bundle: BundleDocument, actor: string, { action, branch, targetBranch }: PolicyRequest): { readonly isAllowed: boolean; readonly matchedRuleId: string | null } {
  const isProtected = (name: string): boolean => bundle.protected_branches.some((listed) => listed.trim() === name.trim());
  const holds = (scope: ScopeText | undefined, name: string | undefined): boolean => {
    if (scope === undefined || scope === "any") return true;
    if (name === undefined) return false;
    return isProtected(name) === (scope === "protected");
  };
  const matching = bundle.rules.filter(({ allow }) => {
    return allow.actions.includes(action) && holds(allow.branch_scope, branch) && holds(allow.target_branch_scope, targetBranch) && isMember(bundle, actor, allow.actors.group);
  });
  const [first] = matching.map(({ id }) => id).sort();
  return { isAllowed: first !== undefined, matchedRuleId: first ?? null };
}

/** Some rule grants the action to the actor, in whatever scope (server specification 12.5.1). */
export function expectedEver(bundle: BundleDocument, actor: string, action: PolicyAction): boolean {
  return bundle.rules.some(({ allow }) => allow.actions.includes(action) && isMember(bundle, actor, allow.actors.group));
}

function isMember({ groups }: BundleDocument, actor: string, group: string): boolean {
  return Object.entries(groups).some(([name, actors]) => name === group && actors.includes(actor));
}
