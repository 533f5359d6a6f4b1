import type { PolicyAction } from "@omnigraphdb/common";
import fc from "fast-check";
import type { BundleDocument, RuleDocument } from "./policy-model.js";

/** Where the names of a random bundle come from. */
export interface NameSources {
  readonly actors: fc.Arbitrary<string>;
  readonly groups: fc.Arbitrary<string>;
  readonly branches: fc.Arbitrary<string>;
  readonly ruleIds: fc.Arbitrary<string>;
  readonly rulesMax: number;
}

/** Actions that may have the same scope stand in one rule; others cannot. */
const FAMILIES: readonly { readonly actions: readonly PolicyAction[]; readonly scope: "branch_scope" | "target_branch_scope" | undefined }[] = [
  { actions: ["read", "export", "change"], scope: "branch_scope" },
  { actions: ["schema_apply", "branch_create", "branch_delete", "branch_merge"], scope: "target_branch_scope" },
  { actions: ["admin", "invoke_query"], scope: undefined },
];
const SCOPES = fc.constantFrom("any" as const, "protected" as const, "unprotected" as const, undefined);

/** Valid bundles of graphs. */
export function bundleDocuments({ actors, groups, branches, ruleIds, rulesMax }: NameSources): fc.Arbitrary<BundleDocument> {
  return fc
    .record({
      groups: fc.uniqueArray(fc.tuple(groups, fc.array(actors, { minLength: 1, maxLength: 3 })), { minLength: 1, maxLength: 3, selector: ([group]) => group }),
      protectedBranches: fc.array(branches, { maxLength: 2 }),
      ids: fc.uniqueArray(ruleIds, { maxLength: rulesMax }),
    })
    .chain(({ groups: declared, protectedBranches, ids }) => {
      const group = fc.constantFrom(...declared.map(([name]) => name));
      const rules = ids.map((id) => group.chain(ruleOf).map((rule): RuleDocument => ({ id, ...rule })));
      return fc.tuple(...rules).map((list): BundleDocument => ({ version: 1, groups: Object.fromEntries(declared), protected_branches: protectedBranches, rules: list }));
    });
}

function ruleOf(group: string): fc.Arbitrary<Omit<RuleDocument, "id">> {
  return fc.constantFrom(...FAMILIES).chain(({ actions, scope: member }) =>
    fc.record({ actions: fc.uniqueArray(fc.constantFrom(...actions), { minLength: 1 }), scope: SCOPES }).map((rule) => {
      const scope = member === undefined || rule.scope === undefined ? {} : { [member]: rule.scope };
      return { allow: { actors: { group }, actions: rule.actions, ...scope } };
    }),
  );
}
