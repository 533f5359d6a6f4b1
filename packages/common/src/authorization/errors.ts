import type { ErrorCategory } from "../errors/error-category.js";
import { OmniError } from "../errors/omni-error.js";
import type { PolicyDecision, PolicyRequest } from "./authorizer.js";

/** The policy does not allow the actor to do this (policy specification 6.4). */
export class PolicyDeniedError extends OmniError {
  readonly code = "POLICY_DENIED";
  readonly category: ErrorCategory = "forbidden";
  readonly actor: string;
  readonly request: PolicyRequest;

  constructor(actor: string, request: PolicyRequest, decision: Pick<PolicyDecision, "message">) {
    super(decision.message, { hint: `Ask whoever keeps the policy for a rule that allows it${hasOtherBranches(request) ? ", or use a branch that your rules cover" : ""}.` });
    this.actor = actor;
    this.request = request;
  }

  override get details(): Readonly<Record<string, unknown>> {
    const { action, branch, targetBranch } = this.request;
    return { action, ...(branch === undefined ? {} : { branch }), ...(targetBranch === undefined ? {} : { target_branch: targetBranch }), actor: this.actor };
  }
}

/** The same action on another branch is another question; a schema has one branch only, and a list of graphs none. */
function hasOtherBranches({ action, branch, targetBranch }: PolicyRequest): boolean {
  return action !== "schema_apply" && (branch !== undefined || targetBranch !== undefined);
}

/** The graph has a policy, and nobody said who is asking (policy specification 6.3). */
export class ActorRequiredError extends OmniError {
  readonly code = "ACTOR_REQUIRED";
  readonly category: ErrorCategory = "forbidden";
  readonly action: string;

  constructor({ action }: PolicyRequest) {
    super(`a policy is installed and no actor is given: ${action} is not allowed`, { hint: "Say who is asking: with --as on the command line, with a token over HTTP." });
    this.action = action;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { action: this.action };
  }
}

/** The policy could not be evaluated. It is neither an allowance nor a denial (policy specification 4.5). */
export class PolicyEvaluationError extends OmniError {
  readonly code = "POLICY_EVALUATION_FAILED";
  readonly category: ErrorCategory = "internal";

  constructor(problem: string, cause?: unknown) {
    super(`the policy could not be evaluated: ${problem}`, {
      hint: "Check the bundle with 'omnigraph policy validate'; nothing was allowed and nothing was done.",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
