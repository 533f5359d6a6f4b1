export { parsePolicyBundle, type ParsePolicyOptions } from "./bundle/parse-policy-bundle.js";
export type { BranchScope, PolicyBundle, PolicyBundleKind, PolicyRule } from "./bundle/policy-bundle.js";
export { type CompiledPolicy, compilePolicy, type CompilePolicyOptions } from "./compile-policy.js";
export { PolicyBundleError, type PolicyProblem, PolicyTestsError } from "./errors.js";
export { parsePolicyTests, type PolicyExpectation, type PolicyTestCase, type PolicyTestFailure, type PolicyTestReport, runPolicyTests } from "./tests-file/policy-tests.js";
