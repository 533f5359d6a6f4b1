import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** The old combined configuration file is missing, unreadable or wrong. Names the file and the key. */
export class LegacyFileError extends OmniError {
  readonly code = "LEGACY_FILE_INVALID";
  readonly category: ErrorCategory = "invalid";
  readonly path: string;
  constructor(path: string, problem: string, options: { readonly hint?: string; readonly cause?: unknown } = {}) {
    super(`${path}: ${problem}`, { hint: options.hint ?? "Correct the file, or address the graph without it.", cause: options.cause });
    this.path = path;
  }
}
