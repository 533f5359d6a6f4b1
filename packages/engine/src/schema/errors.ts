import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** A schema contract file is missing; none is ever made again from another (OP-12). */
export class SchemaArtifactMissingError extends OmniError {
  readonly code = "SCHEMA_ARTIFACT_MISSING";
  readonly category: ErrorCategory;
  readonly artifact: string;

  constructor(artifact: string, isSource: boolean) {
    super(isSource ? `${artifact} not found: there is no graph, or its schema is lost` : `schema contract file ${artifact} is missing`, {
      hint: isSource ? "Check the address of the graph, or create it with init." : "Restore the file from a copy of the graph.",
    });
    this.category = isSource ? "not_found" : "corrupt";
    this.artifact = artifact;
  }
}

/** The kept schema of an older version is gone or damaged, so that version cannot be read (SN-10). */
export class SchemaHistoryDamagedError extends OmniError {
  readonly code = "SCHEMA_HISTORY_DAMAGED";
  readonly category: ErrorCategory = "corrupt";
  readonly schemaIdentity: string;

  constructor(schemaIdentity: string, problem: string, cause?: unknown) {
    super(`the schema ${schemaIdentity} of an older version cannot be read: ${problem}`, {
      hint: "Restore the folder __schemas from a copy of the graph; newer versions are not affected.",
      cause,
    });
    this.schemaIdentity = schemaIdentity;
  }
}
