export { expectDiagnostics } from "./expect-diagnostics.js";
export { KITCHEN_SINK_SCHEMA } from "./kitchen-sink.js";
export { type GeneratedSchema, schemaArbitrary, type SchemaArbitraryOptions } from "./schema-arbitrary.js";
export {
  type CheckRow,
  checkRows,
  fixtureRecords,
  fixtureSchema,
  HEADER,
  mutationExamples,
  type MutationExample,
  readExamples,
  type ReadExample,
  readSchemaSpecification,
  readSpecification,
} from "./spec-examples.js";
