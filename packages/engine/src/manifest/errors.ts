import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import { didYouMean, parseTypeKey } from "@omnigraphdb/compiler";
import { branchDisplayName } from "./manifest.js";

/** A touched type moved since the write's base snapshot (OCC-2). */
export class PublishedDatasetVersionMismatchError extends OmniError {
  readonly code = "PUBLISHED_DATASET_VERSION_MISMATCH";
  readonly category: ErrorCategory = "conflict";
  readonly typeKey: string;
  /** 0 = the type had to be absent. */
  readonly expected: number;
  readonly actual: number;

  constructor(typeKey: string, expected: number, actual: number) {
    const { kind, name } = parseTypeKey(typeKey) ?? { kind: "unknown", name: typeKey };
    super(`stale view of ${kind} type '${name}': expected version ${expected} but current is ${actual} — refresh and retry`, {
      hint: "Read the current state and run the write again.",
    });
    this.typeKey = typeKey;
    this.expected = expected;
    this.actual = actual;
  }

  override get details(): Readonly<Record<string, unknown>> {
    const { kind, name } = parseTypeKey(this.typeKey) ?? { kind: "unknown", name: this.typeKey };
    return {
      published_dataset_version_conflict: {
        entity_kind: kind,
        type_name: name,
        expected_published_dataset_version: this.expected,
        actual_published_dataset_version: this.actual,
      },
    };
  }
}

/** Something the write was judged against changed before its effects (OCC-3). */
export class ReadSetChangedError extends OmniError {
  readonly code = "READ_SET_CHANGED";
  readonly category: ErrorCategory = "conflict";
  /** `graph_head:<branch>` or `branch_incarnation:<branch>`. */
  readonly member: string;
  readonly expected: string | null;
  readonly actual: string | null;

  constructor(member: string, expected: string | null, actual: string | null) {
    super(`read set changed: ${member} was ${expected ?? "absent"} and is now ${actual ?? "absent"} — refresh and retry`, {
      hint: "Run the write again; it will be prepared on the new head.",
    });
    this.member = member;
    this.expected = expected;
    this.actual = actual;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { read_set_conflict: { member: this.member, expected: this.expected, actual: this.actual } };
  }
}

/** Every attempt to move the head lost against another publisher (MAN-31). */
export class RowLevelCasContentionError extends OmniError {
  readonly code = "ROW_LEVEL_CAS_CONTENTION";
  readonly category: ErrorCategory = "conflict";

  constructor(attemptCount: number) {
    super(`the head moved in each of ${attemptCount} publish attempts: row-level CAS contention`, {
      hint: "Try again when fewer writers are active.",
    });
  }
}

/** The graph was written by a newer engine (MIG-2). */
export class FormatTooNewError extends OmniError {
  readonly code = "INTERNAL_SCHEMA_TOO_NEW";
  readonly category: ErrorCategory = "corrupt";

  constructor(stamp: number, current: number) {
    super(`the graph has internal schema version ${stamp}, this engine supports up to ${current}: upgrade omnigraph first`, {
      hint: "Install a newer omnigraph and open the graph with it.",
    });
  }
}

/** Stored manifest state breaks an invariant or cannot be decoded. */
export class ManifestCorruptError extends OmniError {
  readonly code = "MANIFEST_CORRUPT";
  readonly category: ErrorCategory = "corrupt";

  constructor(message: string, cause?: unknown) {
    super(`the graph manifest is damaged: ${message}`, {
      hint: "Do not write to this graph; restore it from a copy or an export.",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}

/** A publish would break a named invariant of the manifest: our bug, nothing was written (MAN-7). */
export class ManifestInvariantError extends OmniError {
  readonly code = "MANIFEST_INVARIANT_VIOLATION";
  readonly category: ErrorCategory = "internal";

  constructor(violation: string) {
    super(`refused to publish: ${violation}`, { hint: "Report this as a bug; nothing was changed." });
  }
}

/** No branch has this name (ERR-2). */
export class BranchNotFoundError extends OmniError {
  readonly code = "BRANCH_NOT_FOUND";
  readonly category: ErrorCategory = "not_found";
  readonly branch: string;

  /** @param known names of the branches there are; the nearest one becomes part of the hint */
  constructor(branch: string | null, known: Iterable<string> = []) {
    const name = branchDisplayName(branch);
    const suggestion = didYouMean(name, known);
    super(`branch '${name}' not found`, {
      hint: suggestion === undefined ? "Check the name of the branch; `branch list` shows which exist." : capitalized(suggestion),
    });
    this.branch = name;
  }

  /** For callers who may not list the branches: says nothing of any but the one that they named. */
  withoutOtherNames(): BranchNotFoundError {
    return new BranchNotFoundError(this.branch);
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { branch: this.branch };
  }
}

/** A name that cannot be a branch (W2, BR-10, BR-14). */
export class InvalidBranchNameError extends OmniError {
  readonly code = "INVALID_BRANCH_NAME";
  readonly category: ErrorCategory = "invalid";

  constructor(message: string, hint = "Use the name of a branch, or leave it out for main.") {
    super(message, { hint });
  }
}

/** A public operation named a branch that only the engine uses (BR-12). */
export class InternalBranchError extends OmniError {
  readonly code = "INTERNAL_BRANCH";
  readonly category: ErrorCategory = "invalid";

  constructor(message: string) {
    super(message, { hint: "Use another branch; this name belongs to the engine." });
  }
}

/** Somebody is applying a schema; nothing else may change the graph until that has ended (SA-3). */
export class SchemaApplyInProgressError extends OmniError {
  readonly code = "SCHEMA_APPLY_IN_PROGRESS";
  readonly category: ErrorCategory = "conflict";

  /** @param operation what could not be done, such as `load`; null when it was a schema apply itself */
  constructor(operation: string | null) {
    const message = operation === null ? "schema apply is already in progress" : `${operation} is unavailable while schema apply is in progress`;
    super(message, {
      hint: "Try again when the schema apply has ended; if its process died, open the graph read-write once.",
    });
  }
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
