import { OmniError, type ErrorCategory } from "@omnigraphdb/common";

/** An export names a type that the exported graph version does not have (EX-4). */
export class UnknownExportTypeError extends OmniError {
  readonly code = "UNKNOWN_EXPORT_TYPE";
  readonly category: ErrorCategory = "invalid";
  constructor(name: string, known: readonly string[]) {
    super(`unknown export type '${name}'`, { hint: `Name types of the schema, without prefix: ${known.join(", ")}.` });
  }
}
