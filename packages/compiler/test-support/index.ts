export {
  type CheckRow,
  checkRows,
  fixtureRecords,
  fixtureSchema,
  HEADER,
  type MutationExample,
  mutationExamples,
  type ReadExample,
  readExamples,
  readSpecification,
} from "./spec-examples.js";
