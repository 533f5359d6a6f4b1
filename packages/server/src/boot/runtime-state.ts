import type { RuntimeState } from "../serving/serving-state.js";
import { RuntimeStateError } from "./errors.js";

export interface RuntimeFacts {
  readonly hasTokens: boolean;
  /** At least one bundle is bound to the cluster or any graph. */
  readonly hasPolicy: boolean;
  readonly isUnauthenticated: boolean;
}

/** The table of policy.md §2. @throws RuntimeStateError: what looks protective and protects nothing does not start */
export function classifyRuntimeState({ hasTokens, hasPolicy, isUnauthenticated }: RuntimeFacts): RuntimeState {
  if (hasTokens) return hasPolicy ? "policy" : "default-deny";
  if (hasPolicy) {
    throw new RuntimeStateError("policy bundles are bound, but no token is configured: nobody could be told apart", {
      hint: "Set OMNIGRAPH_SERVER_BEARER_TOKENS_FILE, or remove the bundles.",
    });
  }
  if (isUnauthenticated) return "open";
  throw new RuntimeStateError("neither tokens nor policy bundles are configured", {
    hint: "Set OMNIGRAPH_SERVER_BEARER_TOKENS_FILE, or let everybody in with --unauthenticated.",
  });
}
