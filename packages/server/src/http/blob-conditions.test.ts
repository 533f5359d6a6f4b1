import { describe, expect, test } from "vitest";
import { checkPreconditions, type Precondition, type RangeSelection, selectRange } from "./blob-conditions.js";

const ETAG = '"0123456789abcdef0123456789abcdef"';
const whole: RangeSelection = { kind: "whole" };
const part = (start: number, end: number): RangeSelection => ({ kind: "part", start, end });
const unsatisfiable = (start: number, end: number): RangeSelection => ({ kind: "unsatisfiable", start, end });

describe("19.4 conditions", () => {
  test.each<[string, Readonly<Record<string, string>>, Precondition]>([
    ["none", {}, "proceed"],
    ["If-Match of the tag", { "if-match": ETAG }, "proceed"],
    ["If-Match of any", { "if-match": " * " }, "proceed"],
    ["If-Match of a list", { "if-match": `"a", ${ETAG} ,"b"` }, "proceed"],
    ["If-Match of a list with empty elements", { "if-match": `,"a",, ${ETAG},` }, "proceed"],
    ["If-Match of others", { "if-match": '"a", "b"' }, "failed"],
    ["If-Match compares strongly", { "if-match": `W/${ETAG}` }, "failed"],
    ["If-Match without quotes", { "if-match": ETAG.slice(1, -1) }, "failed"],
    ["If-Match that is malformed behind the tag", { "if-match": `${ETAG}, oops` }, "failed"],
    ["If-Match that is empty", { "if-match": "" }, "failed"],
    ["If-Match of any in a list", { "if-match": `*, ${ETAG}` }, "failed"],
    ["If-None-Match of the tag", { "if-none-match": ETAG }, "not_modified"],
    ["If-None-Match compares weakly", { "if-none-match": `"a", W/${ETAG}` }, "not_modified"],
    ["If-None-Match of any", { "if-none-match": "*" }, "not_modified"],
    ["If-None-Match of others", { "if-none-match": '"a"' }, "proceed"],
    ["If-None-Match that is malformed is ignored", { "if-none-match": `${ETAG} ${ETAG}` }, "proceed"],
    ["If-Match goes first", { "if-match": '"a"', "if-none-match": ETAG }, "failed"],
    ["both hold", { "if-match": ETAG, "if-none-match": ETAG }, "not_modified"],
  ])("%s", (_name, headers, expected) => {
    expect(checkPreconditions(new Headers(headers), ETAG)).toBe(expected);
  });
});

describe("19.5 ranges of 10 bytes", () => {
  test.each<[string, RangeSelection]>([
    ["bytes=0-3", part(0, 4)],
    ["BYTES=0-3", part(0, 4)],
    ["bytes=9-9", part(9, 10)],
    ["bytes=0-99", part(0, 10)],
    ["bytes=4-", part(4, 10)],
    ["bytes=-4", part(6, 10)],
    ["bytes=-99", part(0, 10)],
    ["bytes=0-18446744073709551615", part(0, 10)],
    ["bytes=3-2", whole],
    ["bytes=-", whole],
    ["bytes=", whole],
    ["bytes 0-3", whole],
    ["bytes=a-b", whole],
    ["bytes=0-3,5-6", whole],
    ["bytes=+1-2", whole],
    ["bytes=1.5-2", whole],
    ["bytes=0x1-2", whole],
    ["items=0-3", whole],
    ["bytes=0-18446744073709551616", whole],
    ["bytes=18446744073709551616-", whole],
    [`bytes=${"9".repeat(30)}-`, whole],
    ["bytes=10-12", unsatisfiable(10, 13)],
    ["bytes=10-", unsatisfiable(10, 10)],
    ["bytes=12-", unsatisfiable(12, 10)],
    ["bytes=-0", unsatisfiable(10, 10)],
  ])("%s", (range, expected) => {
    expect(selectRange(new Headers({ range }), ETAG, 10)).toEqual(expected);
  });

  test.each<[string, RangeSelection]>([
    ["bytes=0-", unsatisfiable(0, 0)],
    ["bytes=0-0", unsatisfiable(0, 1)],
    ["bytes=-1", unsatisfiable(0, 0)],
    ["bytes=3-2", whole],
  ])("of an empty blob: %s", (range, expected) => {
    expect(selectRange(new Headers({ range }), ETAG, 0)).toEqual(expected);
  });

  test.each<[string, RangeSelection]>([
    [ETAG, part(0, 4)],
    [` ${ETAG} `, part(0, 4)],
    [`W/${ETAG}`, whole],
    ['"other"', whole],
    [`${ETAG}, ${ETAG}`, whole],
    ["*", whole],
    ["Wed, 21 Oct 2026 07:28:00 GMT", whole],
  ])("19.4 step 4, If-Range: %s", (ifRange, expected) => {
    expect(selectRange(new Headers({ range: "bytes=0-3", "if-range": ifRange }), ETAG, 10)).toEqual(expected);
  });

  test("a hostile range costs no time", () => {
    const started = performance.now();
    selectRange(new Headers({ range: `bytes=${"1".repeat(100_000)}-${" ".repeat(100_000)}x` }), ETAG, 10);
    checkPreconditions(new Headers({ "if-match": `${'"a",'.repeat(50_000)}${" ".repeat(50_000)}x` }), ETAG);
    expect(performance.now() - started).toBeLessThan(200);
  });
});
