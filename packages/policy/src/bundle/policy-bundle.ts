import type { PolicyAction } from "@omnigraphdb/common";

/** What a bundle is bound to: graphs, or the server with its list of graphs. */
export type PolicyBundleKind = "graph" | "server";

export type BranchScope = "any" | "protected" | "unprotected";

export const BRANCH_SCOPES: readonly BranchScope[] = ["any", "protected", "unprotected"];

/** Allows the actions to every actor of the group. */
export interface PolicyRule {
  readonly id: string;
  readonly group: string;
  /** Each once. */
  readonly actions: readonly PolicyAction[];
  readonly branchScope?: BranchScope;
  readonly targetBranchScope?: BranchScope;
}

/** One checked policy document (policy specification §3). It only allows; whatever no rule allows is denied. */
export interface PolicyBundle {
  /** What the bundle is called in messages. */
  readonly source: string;
  readonly kind: PolicyBundleKind;
  /** Actors of each group, in the order of the text. */
  readonly groups: ReadonlyMap<string, readonly string[]>;
  readonly protectedBranches: ReadonlySet<string>;
  /** In the order of the text, which means nothing. */
  readonly rules: readonly PolicyRule[];
}
