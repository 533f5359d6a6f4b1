import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** What describes an embedding of a record file is unusable: the manifest, the spec, a selector (EM-30, EM-31). */
export class EmbedSpecError extends OmniError {
  readonly code = "EMBED_SPEC_INVALID";
  readonly category: ErrorCategory = "invalid";
  constructor(message: string, hint: string = 'A spec is {"dimension": 1536, "types": {"Doc": {"target": "vec", "fields": ["title", "body"]}}}.') {
    super(message, { hint });
  }
}

/** One line of a record file cannot be embedded. The output file is not made; what was done before it is kept for the next run. */
export class EmbedRecordError extends OmniError {
  readonly code = "EMBED_RECORD_INVALID";
  readonly category: ErrorCategory = "invalid";
  /** Counted from 1. */
  readonly line: number;
  constructor(line: number, problem: string) {
    super(`line ${line}: ${problem}`, { hint: "Correct the line and run the command again; records that are done are not embedded again." });
    this.line = line;
  }
  override get details(): Readonly<Record<string, unknown>> {
    return { line: this.line };
  }
}

/** Another process writes the same output file right now. */
export class EmbedRunningError extends OmniError {
  readonly code = "EMBED_RUNNING";
  readonly category: ErrorCategory = "conflict";
  constructor(output: string, pid: number, journal: string) {
    super(`process ${pid} is writing '${output}'`, { hint: `Wait for it, or choose another output. If it is no such process, remove '${journal}'.` });
  }
}
