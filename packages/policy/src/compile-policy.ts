import { type Authorizer, type Logger, type PolicyAction, type PolicyDecision, type PolicyRequest, silentLogger } from "@omnigraphdb/common";
import type { PolicyBundle } from "./bundle/policy-bundle.js";
import { CedarPolicySet } from "./cedar/cedar-policy-set.js";
import { actorUid, groupUid, resourceUid } from "./cedar/cedar-vocabulary.js";
import { type TranslatedRules, translateRules } from "./cedar/translate-rules.js";
import { allowanceMessage, denialMessage, unknownActorMessage } from "./decision-message.js";
import { LOGGED_NAME_LENGTH_MAX, REMEMBERED_DECISIONS_MAX } from "./limits.js";

export interface CompilePolicyOptions {
  /** The graph that is decided about. No decision depends on it (9.2). Default `default`. */
  readonly graphId?: string;
  /** Told of every decision, at info (§10). */
  readonly logger?: Logger;
}

/** A bundle that decides. Dispose it when nobody asks it any more: asking afterwards is a failure, never an allowance. */
export interface CompiledPolicy extends Authorizer, Disposable {
  /** What the bundle is called. */
  readonly name: string;
  /** Distinct actors in all groups. */
  readonly actorCount: number;
}

/**
 * Compiles a bundle for one graph, or for the server (policy specification §4). The first call in a process loads Cedar, which takes
 * about a fifth of a second.
 *
 * @throws PolicyBundleError when Cedar does not accept it
 */
export function compilePolicy(bundle: PolicyBundle, { graphId = "default", logger = silentLogger }: CompilePolicyOptions = {}): CompiledPolicy {
  return new CedarAuthorizer(bundle, graphId, logger);
}

/** How a request stands to a scope: with no branch, a protected one, or another. */
type BranchClass = "none" | "protected" | "unprotected";

type Outcome = Pick<PolicyDecision, "isAllowed" | "matchedRuleId">;

class CedarAuthorizer implements CompiledPolicy {
  readonly #bundle: PolicyBundle;
  readonly #graphId: string;
  readonly #logger: Logger;
  /** Groups of every known actor. */
  readonly #groupsOf: ReadonlyMap<string, readonly string[]>;
  readonly #rules: TranslatedRules;
  readonly #policies: CedarPolicySet;
  /**
   * What Cedar said. Conditions look at whether branches are given and protected, never at their names, and a compiled policy never
   * changes: so the key has all that an outcome depends on.
   */
  readonly #outcomes = new Map<string, Outcome>();

  constructor(bundle: PolicyBundle, graphId: string, logger: Logger) {
    this.#bundle = bundle;
    this.#graphId = graphId;
    this.#logger = logger;
    this.#groupsOf = groupsOfActors(bundle);
    this.#rules = translateRules(bundle, graphId);
    this.#policies = CedarPolicySet.parse(bundle, this.#rules);
  }

  get name(): string {
    return this.#bundle.source;
  }

  get actorCount(): number {
    return this.#groupsOf.size;
  }

  decide(actor: string, given: PolicyRequest): PolicyDecision {
    const request = trimmed(given);
    const groups = this.#groupsOf.get(actor);
    const decision = groups === undefined ? { isAllowed: false, matchedRuleId: null, message: unknownActorMessage(actor, request) } : this.#decideKnown(actor, groups, request);
    this.#logger.info("policy decision", {
      actor,
      action: request.action,
      branch: logged(request.branch),
      target_branch: logged(request.targetBranch),
      allowed: decision.isAllowed,
      matched_rule: decision.matchedRuleId,
    });
    return decision;
  }

  mayEver(actor: string, action: PolicyAction): boolean {
    const groups = this.#groupsOf.get(actor) ?? [];
    return this.#bundle.rules.some((rule) => rule.actions.includes(action) && groups.includes(rule.group));
  }

  [Symbol.dispose](): void {
    this.#outcomes.clear();
    this.#policies[Symbol.dispose]();
  }

  #decideKnown(actor: string, groups: readonly string[], request: PolicyRequest): PolicyDecision {
    const key = `${request.action} ${this.#classOf(request.branch)} ${this.#classOf(request.targetBranch)} ${actor}`;
    let outcome = this.#outcomes.get(key);
    if (outcome === undefined) {
      outcome = this.#evaluate(actor, groups, request);
      if (this.#outcomes.size >= REMEMBERED_DECISIONS_MAX) this.#outcomes.clear();
      this.#outcomes.set(key, outcome);
    }
    return { ...outcome, message: outcome.isAllowed ? allowanceMessage(actor, request) : denialMessage(actor, request) };
  }

  #evaluate(actor: string, groups: readonly string[], { action, branch, targetBranch }: PolicyRequest): Outcome {
    const parents = groups.map(groupUid);
    const resource = resourceUid(action, this.#graphId);
    const { isAllowed, reasons } = this.#policies.evaluate({
      principal: actorUid(actor),
      action,
      resource,
      context: {
        has_branch: branch !== undefined,
        // Cedar takes no text that is not Unicode; no branch has such a name, and no condition looks at it.
        branch: branch?.toWellFormed() ?? "",
        has_target_branch: targetBranch !== undefined,
        target_branch: targetBranch?.toWellFormed() ?? "",
        branch_is_protected: this.#classOf(branch) === "protected",
        target_branch_is_protected: this.#classOf(targetBranch) === "protected",
      },
      // Of all entities (§4.2), those that this request can reach: the cost does not grow with the bundle's actors.
      entities: [{ uid: actorUid(actor), attrs: {}, parents }, ...parents.map((uid) => ({ uid, attrs: {}, parents: [] })), { uid: resource, attrs: {}, parents: [] }],
    });
    return { isAllowed, matchedRuleId: isAllowed ? this.#smallestRule(reasons) : null };
  }

  #classOf(branch: string | undefined): BranchClass {
    if (branch === undefined) return "none";
    return this.#bundle.protectedBranches.has(branch) ? "protected" : "unprotected";
  }

  #smallestRule(policyIds: readonly string[]): string | null {
    const ids = policyIds.flatMap((policyId) => this.#rules.ruleIds.get(policyId) ?? []);
    return ids.sort()[0] ?? null;
  }
}

function trimmed({ action, branch, targetBranch }: PolicyRequest): PolicyRequest {
  return { action, ...(branch === undefined ? {} : { branch: branch.trim() }), ...(targetBranch === undefined ? {} : { targetBranch: targetBranch.trim() }) };
}

/** What callers send may be no name at all, and of any length. */
function logged(branch: string | undefined): string | null {
  if (branch === undefined) return null;
  return branch.length <= LOGGED_NAME_LENGTH_MAX ? branch : `${branch.slice(0, LOGGED_NAME_LENGTH_MAX)}…`;
}

function groupsOfActors({ groups }: PolicyBundle): ReadonlyMap<string, readonly string[]> {
  const groupsOf = new Map<string, string[]>();
  for (const [group, actors] of groups) {
    for (const actor of new Set(actors)) {
      const known = groupsOf.get(actor);
      if (known === undefined) groupsOf.set(actor, [group]);
      else known.push(group);
    }
  }
  return groupsOf;
}
