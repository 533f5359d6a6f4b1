import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readSpecification } from "../../test-support/spec-examples.js";
import { formatDate, formatDateTime, parseDateText, parseDateTimeText } from "./date-time-text.js";

interface Row {
  readonly texts: readonly string[];
  readonly date: string;
  readonly dateTime: string;
}

/** The table of §6.1. */
function tableRows(): Row[] {
  const text = readSpecification();
  const section = text.slice(text.indexOf("### 6.1"), text.indexOf("### 6.2"));
  const start = section.indexOf("| text | as `Date` |");
  return section
    .slice(start)
    .split("\n")
    .slice(2)
    .flatMap((line) => {
      const [, texts, date, dateTime] = /^\| (.*) \| (\S+) \| (\S+) \|$/.exec(line) ?? [];
      if (texts === undefined || date === undefined || dateTime === undefined) return [];
      const quoted = [...texts.matchAll(/`([^`]*)`/g)].map((match) => match[1] ?? "");
      return [{ texts: texts.includes("the empty text") ? [...quoted, ""] : quoted, date, dateTime }];
    });
}

describe("§6.1 table", () => {
  const rows = tableRows();

  it("has all its rows", () => {
    expect(rows.map(({ texts }) => texts.length)).toEqual([1, 1, 1, 1, 1, 1, 5]);
  });

  it.each(rows.flatMap(({ texts, date, dateTime }) => texts.map((text) => [text, date, dateTime] as const)))("'%s'", (text, date, dateTime) => {
    const days = parseDateText(text);
    const ms = parseDateTimeText(text);
    expect(days === undefined ? "error" : formatDate(days)).toBe(date);
    expect(ms === undefined ? "error" : formatDateTime(ms)).toBe(dateTime);
  });
});

describe("§6.1 dates", () => {
  it.each([
    ["1970-01-01", 0],
    ["1969-12-31", -1],
    ["20240229", 19782],
    ["2000-02-29", 11016],
    ["1900-03-01", -25508],
    ["0000-03-01", -719468],
    ["+10999-12-31", 3298139],
    ["-0044-03-15", -735525],
    ["2024-03-01T23:59:59-01:00", 19784],
  ])("%s is day %d", (text, days) => {
    expect(parseDateText(text)).toBe(days);
  });

  it.each([
    "1900-02-29", "2024-00-01", "2024-13-01", "2024-04-31", "2024-06-00", "24-06-01", "02024-06-01", "+999-01-01", "2024-6", "2024-W10-1", "2024-060",
    " 2024-06-01", "2024-06-01 ", "2024/06/01", "20240631", "+999999-01-01", "2024-06-01T", "٢٠٢٤-٠٦-٠١",
  ])("'%s' is no date", (text) => {
    expect(parseDateText(text)).toBeUndefined();
  });
});

describe("§6.1 instants", () => {
  it.each([
    ["2024-03-01T10:00:00Z", "2024-03-01T10:00:00.000Z"],
    ["2024-03-01t10:00:00z", "2024-03-01T10:00:00.000Z"],
    ["2024-03-01T10:00:00", "2024-03-01T10:00:00.000Z"],
    ["2024-03-01T10:00:00+02", "2024-03-01T08:00:00.000Z"],
    ["2024-03-01T10:00:00-0230", "2024-03-01T12:30:00.000Z"],
    ["2024-03-01T10:00:00.5+23:59", "2024-02-29T10:01:00.500Z"],
    ["2024-03-01T10:00:00.000999999999Z", "2024-03-01T10:00:00.000Z"],
    ["1969-12-31T23:59:59.9999Z", "1969-12-31T23:59:59.999Z"],
    ["2024-6-1 10:00:00", "2024-06-01T10:00:00.000Z"],
    ["20240601T10:00:00Z", "2024-06-01T10:00:00.000Z"],
    ["+10999-12-31T00:00:00Z", "+10999-12-31T00:00:00.000Z"],
    ["-0044-03-15T00:00:00Z", "-0044-03-15T00:00:00.000Z"],
    ["2016-12-31T23:59:60.7Z", "2017-01-01T00:00:00.000Z"],
    ["20240601", "2024-06-01T00:00:00.000Z"],
    ["-0044-3-5", "-0044-03-05T00:00:00.000Z"],
  ])("%s is %s", (text, expected) => {
    const ms = parseDateTimeText(text);
    expect(ms === undefined ? undefined : formatDateTime(ms)).toBe(expected);
  });

  it.each([
    "+10999-12-31", "2024-03-01T24:00:00Z", "2024-03-01T10:60:00Z", "2024-03-01T10:00:61Z", "2024-03-01T100000Z", "2024-03-01T10:00:00.Z",
    "2024-03-01T10:00:00 Z", "2024-03-01  10:00:00", "2024-03-01T10:00:00+2", "2024-03-01T10:00:00+24:00", "2024-03-01T10:00:00+02:60", "10:00:00",
    "2024-03-01T10:00:00Z ", "2024-03-01T1:00:00Z", "+262142-12-31T23:59:59-00:01", "T10:00:00Z",
  ])("'%s' is no instant", (text) => {
    expect(parseDateTimeText(text)).toBeUndefined();
  });
});

describe("§12.2 rendering", () => {
  it("is undone by the reader, and agrees with the platform's calendar", () => {
    fc.assert(
      fc.property(fc.integer({ min: -8_330_000_000_000_000, max: 8_200_000_000_000_000 }), (ms) => {
        const text = formatDateTime(ms);
        expect(parseDateTimeText(text)).toBe(ms);
        const days = Math.floor(ms / 86_400_000);
        expect(parseDateText(formatDate(days))).toBe(days);
        // The platform pads years beyond four digits, and all years before the common era, to six.
        expect(text).toBe(new Date(ms).toISOString().replace(/^([+-])0{0,2}(\d{4,}-)/, "$1$2"));
      }),
    );
  });

  it("writes years before the common era with four digits at least", () => {
    expect(formatDateTime(-62_167_219_200_001)).toBe("-0001-12-31T23:59:59.999Z");
  });

  it("gives plain numbers outside the calendar", () => {
    expect(formatDate(2_147_483_647)).toBe("2147483647");
    expect(formatDateTime(-9_000_000_000_000_000)).toBe("-9000000000000000");
  });
});
