export { CONTRACT_QUERIES, CONTRACT_RECORDS, CONTRACT_SCHEMA } from "./contract-fixture.js";
export type { ContractProvider } from "./contract/context.js";
export { describeGraphClient } from "./graph-client-contract.js";
