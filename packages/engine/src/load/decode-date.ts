import { parseDateText, parseDateTimeText } from "@omnigraphdb/compiler";
import { latin1 } from "./parse-number.js";

const DAYS_BEFORE_MONTH: readonly number[] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
const DAYS_IN_MONTH: readonly number[] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
const CANONICAL_LENGTH = 10;

/**
 * Days since 1970-01-01 of a `Date` text (query specification §6.1), or undefined.
 *
 * The common spelling `YYYY-MM-DD` is read here without making a string; every other goes to the one parser of dates
 * (bytes beyond ASCII become characters that no date has).
 */
export function decodeDate(bytes: Uint8Array, start: number, end: number): number | undefined {
  if (end - start === CANONICAL_LENGTH && bytes[start + 4] === 0x2d && bytes[start + 7] === 0x2d) {
    const year = digitPair(bytes, start) * 100 + digitPair(bytes, start + 2);
    const month = digitPair(bytes, start + 5);
    const day = digitPair(bytes, start + 8);
    // A pair that is not two digits is NaN and fails these comparisons.
    if (year >= 0 && month >= 1 && month <= 12 && day >= 1) return daysFromCivil(year, month, day);
  }
  return parseDateText(latin1(bytes, start, end));
}

/** Milliseconds since 1970-01-01T00:00Z of a `DateTime` text, or undefined. */
export function decodeDateTime(bytes: Uint8Array, start: number, end: number): number | undefined {
  return parseDateTimeText(latin1(bytes, start, end));
}

function daysFromCivil(year: number, month: number, day: number): number | undefined {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  if (day > (DAYS_IN_MONTH[month - 1] as number) + (month === 2 && isLeap ? 1 : 0)) return undefined;
  const before = year - 1;
  const leapDays = Math.floor(before / 4) - Math.floor(before / 100) + Math.floor(before / 400);
  const dayOfYear = (DAYS_BEFORE_MONTH[month - 1] as number) + (month > 2 && isLeap ? 1 : 0) + day - 1;
  return before * 365 + 365 + leapDays + dayOfYear - 719_527;
}

function digitPair(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] as number) - 0x30;
  const ones = (bytes[at + 1] as number) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : Number.NaN;
}
