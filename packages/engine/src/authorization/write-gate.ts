import { ActorRequiredError, type Authorizer, PolicyDeniedError, type PolicyRequest } from "@omnigraphdb/common";
import { MAIN_BRANCH } from "../manifest/manifest.js";

/**
 * Asks before a write whether its actor may do it: the first thing of every writing operation, before anything is healed, recorded,
 * created or written (policy specification §6, PO-3, PO-8). Which operation asks for what is said here and nowhere else.
 *
 * Reads are asked for by whoever serves them, and maintenance is not asked for (6.5).
 */
export class WriteGate {
  readonly #authorizer: Authorizer | undefined;

  /** @param authorizer undefined = no policy, everything is allowed (6.2) */
  constructor(authorizer: Authorizer | undefined) {
    this.#authorizer = authorizer;
  }

  /** A mutation or a load. */
  change(actor: string | undefined, branch: string): void {
    this.#ask(actor, { action: "change", branch });
  }

  schemaApply(actor: string | undefined): void {
    this.#ask(actor, { action: "schema_apply", targetBranch: MAIN_BRANCH });
  }

  /** @param source undefined where the caller named none, and means `main` */
  branchCreate(actor: string | undefined, name: string, source: string | undefined): void {
    this.#ask(actor, { action: "branch_create", ...(source === undefined ? {} : { branch: source }), targetBranch: name });
  }

  branchDelete(actor: string | undefined, name: string): void {
    this.#ask(actor, { action: "branch_delete", targetBranch: name });
  }

  branchMerge(actor: string | undefined, source: string, target: string): void {
    this.#ask(actor, { action: "branch_merge", branch: source, targetBranch: target });
  }

  /** @throws ActorRequiredError, PolicyDeniedError, PolicyEvaluationError */
  #ask(actor: string | undefined, request: PolicyRequest): void {
    if (this.#authorizer === undefined) return;
    if (actor === undefined) throw new ActorRequiredError(request);
    const decision = this.#authorizer.decide(actor, request);
    if (!decision.isAllowed) throw new PolicyDeniedError(actor, request, decision);
  }
}
