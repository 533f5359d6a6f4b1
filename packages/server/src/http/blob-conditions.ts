/** Conditions and ranges of blob requests: pure, so that the tables of http-api 19.4 and 19.5 are tests (RFC 9110 §13, §14). */
import type { RequestHeaders } from "./http-request.js";

export type Precondition = "proceed" | "failed" | "not_modified";

/** `If-Match` first, then `If-None-Match` (19.4, steps 1 and 2). @param etag strong, in its quotes */
export function checkPreconditions(headers: RequestHeaders, etag: string): Precondition {
  const ifMatch = headers.get("if-match");
  if (ifMatch !== null && !matches(ifMatch, etag, "strong")) return "failed";
  const ifNoneMatch = headers.get("if-none-match");
  if (ifNoneMatch !== null && matches(ifNoneMatch, etag, "weak")) return "not_modified";
  return "proceed";
}

export type RangeSelection =
  | { readonly kind: "whole" }
  /** Bytes `[start, end)`. */
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  /** What was asked for, half-open. */
  | { readonly kind: "unsatisfiable"; readonly start: number; readonly end: number };

const WHOLE: RangeSelection = { kind: "whole" };

/** What `Range` selects of `length` bytes, provided that `If-Range` names the current content (19.4, steps 4 and 5; 19.5). */
export function selectRange(headers: RequestHeaders, etag: string, length: number): RangeSelection {
  const range = headers.get("range");
  if (range === null) return WHOLE;
  const ifRange = headers.get("if-range");
  if (ifRange !== null && ifRange.trim() !== etag) return WHOLE;
  return selectBytes(range, length);
}

/** Longer numbers overflow. */
const BYTE_RANGE = /^bytes=[\t ]*(\d{0,20})-(\d{0,20})$/i;
const LARGEST = 2n ** 64n - 1n;

function selectBytes(range: string, length: number): RangeSelection {
  const [, first, last] = BYTE_RANGE.exec(range.trim()) ?? [];
  if (first === undefined || last === undefined || (first === "" && last === "")) return WHOLE;
  if (BigInt(first) > LARGEST || BigInt(last) > LARGEST) return WHOLE;
  if (first === "") {
    const count = Number(last);
    return count === 0 || length === 0 ? { kind: "unsatisfiable", start: length, end: length } : { kind: "part", start: Math.max(length - count, 0), end: length };
  }
  if (last !== "" && BigInt(first) > BigInt(last)) return WHOLE;
  const start = Number(first);
  const end = last === "" ? length : Number(last) + 1;
  return start >= length ? { kind: "unsatisfiable", start, end } : { kind: "part", start, end: Math.min(end, length) };
}

/** A list that is malformed anywhere matches nothing. */
function matches(list: string, etag: string, comparison: "strong" | "weak"): boolean {
  if (list.trim() === "*") return true;
  return (parseTags(list) ?? []).some(({ tag, isWeak }) => tag === etag && (comparison === "weak" || !isWeak));
}

interface EntityTag {
  readonly isWeak: boolean;
  /** In its quotes. */
  readonly tag: string;
}

const ENTITY_TAG = /[\t ]*(W\/)?("[\x21\x23-\x7e\x80-\xff]*")[\t ]*(?:,|$)/y;
const NOTHING = /[\t ]*(?:,|$)/y;

/** Entity tags separated by commas; elements may be empty (RFC 9110 §5.6.1). Undefined for anything else. */
function parseTags(list: string): readonly EntityTag[] | undefined {
  const tags: EntityTag[] = [];
  for (let at = 0; at < list.length; ) {
    ENTITY_TAG.lastIndex = at;
    const found = ENTITY_TAG.exec(list);
    if (found !== null) {
      tags.push({ isWeak: found[1] !== undefined, tag: found[2] as string });
      at = ENTITY_TAG.lastIndex;
      continue;
    }
    NOTHING.lastIndex = at;
    if (!NOTHING.test(list)) return undefined;
    at = NOTHING.lastIndex;
  }
  return tags;
}
