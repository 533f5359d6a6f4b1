import { ResourceLimitExceededError } from "../errors.js";

/** Reach of the 32-bit offsets of text and lists. */
export const OFFSET_MAX = 0x7fff_ffff;

/** @param actual bytes of text, or items of lists, that one column would hold */
export function columnTooLong(actual: number): ResourceLimitExceededError {
  return new ResourceLimitExceededError("column bytes", OFFSET_MAX, actual, "Return fewer rows, or leave the long texts out of the query.");
}
