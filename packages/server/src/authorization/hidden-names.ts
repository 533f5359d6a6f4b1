import { BranchInUseError, BranchNameConflictError, BranchNotFoundError } from "@omnigraphdb/engine";
import type { GraphRequestContext } from "../request-context.js";
import { denialOf } from "./authorize.js";

/**
 * Errors may offer or blame branches that the request did not name. Who may not list the branches is told the same without their names
 * (policy 0.3).
 *
 * @throws PolicyEvaluationError
 */
export function withoutHiddenNames(context: GraphRequestContext, error: unknown): unknown {
  const isNaming = error instanceof BranchNotFoundError || error instanceof BranchNameConflictError || error instanceof BranchInUseError;
  return isNaming && denialOf(context, { action: "read" }) !== undefined ? error.withoutOtherNames() : error;
}
