/**
 * The gate at HTTP (policy 5.1). The engine asks the same authorizer again before every write, so the two cannot disagree; reads are
 * decided here only. A denial is a value, so that a route can mask it; failures of the machinery are thrown.
 */
import { DefaultDenyError, UnauthorizedError } from "@omnigraphdb/api-types";
import { type Authorizer, PolicyDeniedError, type PolicyRequest } from "@omnigraphdb/common";
import type { GraphRequestContext, RequestContext } from "../request-context.js";

type Denial = PolicyDeniedError | DefaultDenyError;

/** @throws PolicyDeniedError, DefaultDenyError; PolicyEvaluationError */
export function authorize(context: GraphRequestContext, request: PolicyRequest): void {
  const denial = denialOf(context, request);
  if (denial !== undefined) throw denial;
}

/** Undefined when the actor may. @throws UnauthorizedError, PolicyEvaluationError */
export function denialOf(context: GraphRequestContext, request: PolicyRequest): Denial | undefined {
  const { authorizer } = context.served;
  if (authorizer !== undefined) return decide(context, authorizer, request);
  if (context.actor === undefined || request.action === "read") return undefined;
  return new DefaultDenyError(request.action);
}

/** Of actions on the server itself: nothing is open without a bundle, in no state (policy 2.3). */
export function authorizeServer(context: RequestContext, request: PolicyRequest): void {
  const { serverAuthorizer } = context.state;
  if (serverAuthorizer === undefined) throw new DefaultDenyError(request.action);
  const denial = decide(context, serverAuthorizer, request);
  if (denial !== undefined) throw denial;
}

function decide(context: RequestContext, authorizer: Authorizer, request: PolicyRequest): PolicyDeniedError | undefined {
  const { actor } = context;
  if (actor === undefined) throw new UnauthorizedError("missing");
  const decision = authorizer.decide(actor, request);
  context.services.metrics.policyDecision(request.action, decision.isAllowed);
  return decision.isAllowed ? undefined : new PolicyDeniedError(actor, request, decision);
}
