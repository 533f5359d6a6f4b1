import { type ErrorCategory, OmniError, type OmniErrorOptions } from "@omnigraphdb/common";
import { branchDisplayName, type HeadRecord } from "../manifest/manifest.js";

/** Another process is writing to the graph and did not finish within the bounded wait (LE-6). Nothing was changed. */
export class WriterBusyError extends OmniError {
  readonly code = "WRITER_BUSY";
  readonly category: ErrorCategory = "unavailable";
  readonly waitedMs: number;
  readonly owner: string | null;

  /** @param owner null when the lease was lost to a process that is not known */
  constructor(waitedMs: number, owner: string | null) {
    const message = owner === null ? "another process took over writing to the graph" : `another writer holds the graph (${owner}); waited ${waitedMs} ms`;
    super(message, {
      hint: "Try again when the other writer has finished, or allow a longer wait.",
    });
    this.waitedMs = waitedMs;
    this.owner = owner;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { writer_busy: { waited_ms: this.waitedMs } };
  }
}

/** The branch head is not the commit the caller named (OCC-10). */
export class PreconditionFailedError extends OmniError {
  readonly code = "PRECONDITION_FAILED";
  readonly category: ErrorCategory = "precondition";
  readonly branch: string;
  readonly expected: string;
  readonly actual: string | null;

  constructor(branch: string | null, expected: string, actual: string | null) {
    super(`branch '${branchDisplayName(branch)}' is not at commit ${expected} but at ${actual ?? "no commit"}`, {
      hint: "Read the branch again and decide whether the change still applies.",
    });
    this.branch = branchDisplayName(branch);
    this.expected = expected;
    this.actual = actual;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { precondition_failure: { expected: this.expected, actual: this.actual } };
  }
}

/** A condition that no head can satisfy, such as `*` or a weak tag (OCC-10). */
export class InvalidPreconditionError extends OmniError {
  readonly code = "INVALID_PRECONDITION";
  readonly category: ErrorCategory = "invalid";

  constructor(value: string) {
    super(`'${value}' is not a commit id to compare the branch head with`, { hint: "Pass the id of one commit." });
  }
}

export interface DriftFacts {
  readonly typeKey: string;
  readonly headVersion: number;
  readonly publishedVersion: number;
}

/** A dataset is ahead of what the manifest shows, so a write would adopt rows nobody published (OCC-20). */
export class DatasetDriftError extends OmniError {
  readonly code = "DATASET_DRIFT";
  readonly category: ErrorCategory = "conflict";
  readonly typeKey: string;

  constructor(facts: DriftFacts, advice: { readonly message: string; readonly hint: string }, options: OmniErrorOptions = {}) {
    const versions = `${facts.typeKey} has HEAD version ${facts.headVersion} ahead of manifest version ${facts.publishedVersion}`;
    super(`${versions}; ${advice.message}`, { hint: advice.hint, ...options });
    this.typeKey = facts.typeKey;
  }

  override get retryable(): boolean {
    return false;
  }
}

/** A dataset is behind what the manifest shows: somebody removed or replaced its files. */
export class DatasetBehindManifestError extends OmniError {
  readonly code = "DATASET_BEHIND_MANIFEST";
  readonly category: ErrorCategory = "corrupt";

  constructor(facts: DriftFacts) {
    super(`${facts.typeKey} has HEAD version ${facts.headVersion}, behind manifest version ${facts.publishedVersion}`, {
      hint: "Restore the graph from a copy or an export; its files were changed by something else.",
    });
  }
}

/** The main branch moved while a schema apply was under way (SA-1a). */
export class SchemaApplyOutrunError extends OmniError {
  readonly code = "SCHEMA_APPLY_OUTRUN";
  readonly category: ErrorCategory = "conflict";
  readonly expected: Pick<HeadRecord, "version" | "commitId">;
  readonly actual: Pick<HeadRecord, "version" | "commitId">;

  constructor(expected: Pick<HeadRecord, "version" | "commitId">, actual: Pick<HeadRecord, "version" | "commitId">) {
    super(`schema apply lost its write lease: main was at version ${expected.version} and is now at version ${actual.version}`, {
      hint: "Run the schema apply again; it will be planned on the new head.",
    });
    this.expected = expected;
    this.actual = actual;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { read_set_conflict: { member: "graph_head:main", expected: this.expected.commitId, actual: this.actual.commitId } };
  }
}

/** Every fresh name for a native branch was taken by left-over files (BR-51). */
export class ForkNamesTakenError extends OmniError {
  readonly code = "FORK_NAMES_TAKEN";
  readonly category: ErrorCategory = "conflict";
  readonly typeKey: string;

  constructor(typeKey: string, attemptCount: number, cause: unknown) {
    super(`${attemptCount} names for a fork of ${typeKey} were taken by left-over native branches: run \`omnigraph cleanup\``, {
      hint: "Run `omnigraph cleanup`, then try again.",
      cause,
    });
    this.typeKey = typeKey;
  }
}
