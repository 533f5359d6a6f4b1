import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import type { UnsupportedChange } from "@omnigraphdb/compiler";

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

/** Branches could not follow a change of the schema, so there may be none but `main` (SA-2, A05). */
export class SchemaApplyNeedsOnlyMainError extends OmniError {
  readonly code = "SCHEMA_APPLY_NEEDS_ONLY_MAIN";
  readonly category: ErrorCategory = "conflict";
  readonly branches: readonly string[];

  constructor(branches: readonly string[]) {
    super(`schema apply requires a graph with only main; found non-main branches: ${branches.join(", ")}`, {
      hint: "Merge or delete these branches first.",
    });
    this.branches = branches;
  }

  /** The branches do not go away by themselves. */
  override get retryable(): boolean {
    return false;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { branches: this.branches };
  }
}

/** The migration to the desired schema has a step that is not supported (A07). Nothing was changed. */
export class SchemaChangeUnsupportedError extends OmniError {
  readonly code = "SCHEMA_CHANGE_UNSUPPORTED";
  readonly category: ErrorCategory = "invalid";
  /** In plan order, never empty. */
  readonly changes: readonly UnsupportedChange[];

  constructor(first: UnsupportedChange, others: readonly UnsupportedChange[]) {
    const count = others.length + 1;
    super(first.code === undefined ? first.reason : `[${first.code}] ${first.reason}`, {
      hint: `Change the desired schema; \`omnigraph schema plan\` shows ${count === 1 ? "the whole plan" : `all ${count} unsupported changes`}.`,
    });
    this.changes = [first, ...others];
  }

  override get details(): Readonly<Record<string, unknown>> {
    const unsupported = this.changes.map(({ entity, reason, code }) => ({ entity, reason, ...(code === undefined ? {} : { code }) }));
    return { unsupported_changes: unsupported };
  }
}
