import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** A selector that can name no blob of this graph version, whatever entities there are (BL-6). */
export class BlobSelectorError extends OmniError {
  readonly code = "INVALID_BLOB_SELECTOR";
  readonly category: ErrorCategory = "invalid";
}

/** A range that does not lie within the blob (BL-4). */
export class BlobRangeNotSatisfiableError extends OmniError {
  readonly code = "BLOB_RANGE_NOT_SATISFIABLE";
  readonly category: ErrorCategory = "invalid";
  readonly start: number;
  readonly end: number;
  readonly length: number;

  constructor(start: number, end: number, length: number) {
    super(`bytes ${start} to ${end} do not lie within a blob of ${length} bytes`, {
      hint: length === 0 ? "The blob is empty; read it without a range." : `Its bytes are numbered from 0 to ${length - 1}; start at one of them. The end is exclusive.`,
    });
    this.start = start;
    this.end = end;
    this.length = length;
  }

  override get httpStatus(): number {
    return 416;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { blob_range: { start: this.start, end: this.end, length: this.length } };
  }
}

/** What is stored contradicts what the schema says of the blob (BL-11). */
export class BlobIntegrityError extends OmniError {
  readonly code = "BLOB_INTEGRITY";
  readonly category: ErrorCategory = "corrupt";

  constructor(reason: string) {
    super(`a stored blob is damaged: ${reason}`, { hint: "Restore the graph from a copy, or export what can be read and load it into a new graph." });
  }
}
