export { type BundleDocument, expectedDecision, expectedEver, policyText, type RuleDocument, type ScopeText } from "./policy-model.js";
export { bundleDocuments, type NameSources } from "./bundle-documents.js";
