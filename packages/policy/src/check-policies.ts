import { assert } from "@omnigraphdb/common";
import type { PolicyBundle } from "./bundle/policy-bundle.js";
import { isAcceptable } from "./cedar/cedar-policy-set.js";
import { translateRules } from "./cedar/translate-rules.js";
import { compilePolicy } from "./compile-policy.js";
import { PolicyBundleError } from "./errors.js";

/**
 * Whether each bundle would compile (policy specification §4.4), for whoever evaluates none of them. Takes a fraction of the time that
 * compiling one after the other does.
 *
 * @returns what compiling would throw, by bundle; empty when all of them are in order
 */
export function checkPolicies(bundles: readonly PolicyBundle[]): ReadonlyMap<PolicyBundle, PolicyBundleError> {
  const refused = new Map<PolicyBundle, PolicyBundleError>();
  if (bundles.length === 0 || isAcceptable(bundles.map((bundle) => translateRules(bundle, "default")))) return refused;
  for (const bundle of bundles) {
    try {
      compilePolicy(bundle)[Symbol.dispose]();
    } catch (error) {
      if (!(error instanceof PolicyBundleError)) throw error;
      refused.set(bundle, error);
    }
  }
  assert(refused.size > 0, "bundles that Cedar refuses together, it refuses one by one");
  return refused;
}
