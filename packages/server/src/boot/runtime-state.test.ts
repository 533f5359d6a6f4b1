import { expect, test } from "vitest";
import { RuntimeStateError } from "./errors.js";
import { classifyRuntimeState } from "./runtime-state.js";

/** policy.md §2, all eight inputs. */
test.each([
  [false, false, false, "refuse"],
  [false, false, true, "open"],
  [false, true, false, "refuse"],
  [false, true, true, "refuse"],
  [true, false, false, "default-deny"],
  [true, false, true, "default-deny"],
  [true, true, false, "policy"],
  [true, true, true, "policy"],
])("policy.md §2: tokens %s, policy %s, --unauthenticated %s: %s", (hasTokens, hasPolicy, isUnauthenticated, expected) => {
  const facts = { hasTokens, hasPolicy, isUnauthenticated };
  if (expected === "refuse") expect(() => classifyRuntimeState(facts)).toThrow(RuntimeStateError);
  else expect(classifyRuntimeState(facts)).toBe(expected);
});
