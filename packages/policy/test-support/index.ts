export { type BundleDocument, expectedDecision, policyText, type RuleDocument, type ScopeText } from "./policy-model.js";
export { bundleDocuments, type NameSources } from "./bundle-documents.js";
