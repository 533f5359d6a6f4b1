import { OmniError, type ErrorCategory, type OmniErrorOptions } from "@omnigraphdb/common";

/** Where a record stands in the input of a load: both counted from 1. */
export interface RecordPosition {
  readonly record: number;
  readonly line: number;
}

/** One record of a load is malformed or does not fit the schema (LD-10 … LD-36). Nothing was written. */
export class LoadRecordError extends OmniError {
  readonly code = "LOAD_RECORD_INVALID";
  readonly category: ErrorCategory = "invalid";
  readonly position: RecordPosition;
  constructor(message: string, position: RecordPosition, options: OmniErrorOptions = {}) {
    super(message, { hint: "Correct the record and run the load again; nothing of this load was applied.", ...options });
    this.position = position;
  }
  override get details(): Readonly<Record<string, unknown>> {
    return { ...this.position };
  }
}

/** A problem of the record's content: `record N: <problem> (line L)`. */
export function recordProblem(problem: string, position: RecordPosition): LoadRecordError {
  return new LoadRecordError(`record ${position.record}: ${problem} (line ${position.line})`, position);
}

/** The text is not JSON (LD-15). */
export function invalidJson(detail: string, position: RecordPosition): LoadRecordError {
  return new LoadRecordError(`invalid JSON at record ${position.record}: ${detail} (record starts at line ${position.line})`, position, {
    hint: "Load files hold JSON values in UTF-8, separated by white space.",
  });
}

/** One record is larger than a load accepts: bytes, values or nesting. */
export class LoadRecordLimitError extends OmniError {
  readonly code = "RESOURCE_LIMIT_EXCEEDED";
  readonly category: ErrorCategory = "limit";
  readonly resource: string;
  readonly limit: number;
  readonly actual: number;
  readonly position: RecordPosition;
  constructor(resource: string, limit: number, actual: number, position: RecordPosition) {
    super(`record ${position.record}: ${resource} exceeded: more than ${limit} (record starts at line ${position.line})`, {
      hint: "Put each entity into a JSON value of its own; check that the file is not one single array.",
    });
    this.resource = resource;
    this.limit = limit;
    this.actual = actual;
    this.position = position;
  }
  override get details(): Readonly<Record<string, unknown>> {
    return { resource: this.resource, limit: this.limit, actual: this.actual };
  }
}

/** The accepted schema changed while a load waited to be published, and its input was read under the old one. */
export class LoadSchemaChangedError extends OmniError {
  readonly code = "LOAD_SCHEMA_CHANGED";
  readonly category: ErrorCategory = "conflict";
  constructor() {
    super("the schema of the graph changed during the load", { hint: "Run the load again." });
  }
}

/** The input of a load is not a byte stream or text at all. */
export class LoadInputError extends OmniError {
  readonly code = "LOAD_INPUT_INVALID";
  readonly category: ErrorCategory = "invalid";
  constructor(message: string, hint: string = "Pass a string, bytes, or an iterable of bytes.") {
    super(message, { hint });
  }
}
