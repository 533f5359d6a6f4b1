import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

const STRICT_HINT = "Run 'omnigraph config migrate', or unset OMNIGRAPH_NO_LEGACY_CONFIG.";

/** An `omnigraph.yaml` was found although `OMNIGRAPH_NO_LEGACY_CONFIG` is set (operator configuration §10.7.3). */
export class LegacyFileRefusedError extends OmniError {
  readonly code = "LEGACY_FILE_REFUSED";
  readonly category: ErrorCategory = "invalid";
  constructor(path: string) {
    super(`OMNIGRAPH_NO_LEGACY_CONFIG is set, and there is the old configuration file ${path}`, { hint: STRICT_HINT });
  }
}

/** The old configuration file that was asked for does not exist. */
export class LegacyFileMissingError extends OmniError {
  readonly code = "LEGACY_FILE_MISSING";
  readonly category: ErrorCategory = "invalid";
  constructor(path: string, source: string) {
    super(`${source} names ${path}, and there is no such file`, { hint: "Check the path; it is relative to the working directory." });
  }
}
