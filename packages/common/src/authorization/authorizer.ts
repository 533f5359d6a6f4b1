/** What a policy can grant (policy specification §3.3). `graph_list` is asked of the server, everything else of one graph. */
export const POLICY_ACTIONS = ["read", "export", "change", "schema_apply", "branch_create", "branch_delete", "branch_merge", "admin", "invoke_query", "graph_list"] as const;

export type PolicyAction = (typeof POLICY_ACTIONS)[number];

/** What is asked for. It has no member for the actor, so that no part of a request can ever name one (§1.7). */
export interface PolicyRequest {
  readonly action: PolicyAction;
  /** Left out where the operation is about no branch, as for listing them. */
  readonly branch?: string;
  /** The branch that is created, deleted or merged into. */
  readonly targetBranch?: string;
}

export interface PolicyDecision {
  readonly isAllowed: boolean;
  /** The smallest id among the rules that allow; null on a denial, as there are no rules that deny. */
  readonly matchedRuleId: string | null;
  /** For people: the action and the actor, on a denial also the branches. */
  readonly message: string;
}

/**
 * Decides what actors may do. Asked by whoever serves a request, and again by the engine before every write: both ask the same
 * object, so they cannot disagree (§0.3). Nothing is allowed unless a rule says so.
 */
export interface Authorizer {
  /**
   * Names of branches count without white space around them, as everywhere: a padded spelling of a protected branch is protected (P5).
   *
   * Synchronous, because it reads nothing but memory.
   *
   * @throws PolicyEvaluationError when no decision could be made: never a silent allow (§4.5)
   */
  decide(actor: string, request: PolicyRequest): PolicyDecision;
  /** Whether some rule grants the action to the actor on some branch (server specification 12.5.1): what menus offer, never a decision. */
  mayEver(actor: string, action: PolicyAction): boolean;
}
