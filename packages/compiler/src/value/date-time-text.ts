/**
 * The one reader and writer of Date and DateTime text (query specification §6.1, §12.2): literals, parameters, loads.
 */
import { calendarFromDays, daysFromCalendar, daysInMonth, MS_PER_DAY, YEAR_MAX, YEAR_MIN } from "./calendar.js";

const DASHED_DATE = /^([+-]\d{4,7}|\d{4})-(\d{1,2})-(\d{1,2})$/;
const COMPACT_DATE = /^(\d{4})(\d{2})(\d{2})$/;
const TIME = /^(\d{2}):(\d{2}):(\d{2})(?:\.(\d+))?(?:([Zz])|([+-])(\d{2})(?::?(\d{2}))?)?$/;

/** Longest `Date` spelling that is a `DateTime` by itself. */
const LONE_DATE_LENGTH_MAX = 10;

/** Days since 1970-01-01, or `undefined` when the text is no date. A date and time gives its UTC calendar day. */
export function parseDateText(text: string): number | undefined {
  const days = parseDatePart(text);
  if (days !== undefined) return days;
  const ms = parseInstant(text);
  return ms === undefined ? undefined : Math.floor(ms / MS_PER_DAY);
}

/** Milliseconds since 1970-01-01T00:00:00Z, or `undefined` when the text is no instant. Finer digits are cut off. */
export function parseDateTimeText(text: string): number | undefined {
  if (text.length <= LONE_DATE_LENGTH_MAX) {
    const days = parseDatePart(text);
    if (days !== undefined) return days * MS_PER_DAY;
  }
  return parseInstant(text);
}

function parseDatePart(text: string): number | undefined {
  const match = DASHED_DATE.exec(text) ?? COMPACT_DATE.exec(text);
  if (match === null) return undefined;
  const [year, month, day] = match.slice(1).map(Number) as [number, number, number];
  if (year < YEAR_MIN || year > YEAR_MAX || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return undefined;
  return daysFromCalendar({ year, month, day });
}

function parseInstant(text: string): number | undefined {
  const separator = text.search(/[Tt ]/);
  if (separator === -1) return undefined;
  const days = parseDatePart(text.slice(0, separator));
  const match = TIME.exec(text.slice(separator + 1));
  if (days === undefined || match === null) return undefined;
  const [, hours, minutes, seconds, fraction = "", , sign, offsetHours = "0", offsetMinutes = "0"] = match;
  const [hour, minute, second, zoneHour, zoneMinute] = [hours, minutes, seconds, offsetHours, offsetMinutes].map(Number) as [
    number, number, number, number, number,
  ];
  if (hour > 23 || minute > 59 || second > 60 || zoneHour > 23 || zoneMinute > 59) return undefined;
  // A leap second is the first instant of the next minute, whatever its fraction.
  const ms = second === 60 ? 0 : Number(fraction.slice(0, 3).padEnd(3, "0"));
  const offset = (sign === "-" ? -1 : 1) * (zoneHour * 60 + zoneMinute);
  const instant = days * MS_PER_DAY + ((hour * 60 + minute - offset) * 60 + second) * 1000 + ms;
  return instant < INSTANT_MIN || instant > INSTANT_MAX ? undefined : instant;
}

const DAY_MIN = daysFromCalendar({ year: YEAR_MIN, month: 1, day: 1 });
const DAY_MAX = daysFromCalendar({ year: YEAR_MAX, month: 12, day: 31 });
const INSTANT_MIN = DAY_MIN * MS_PER_DAY;
const INSTANT_MAX = (DAY_MAX + 1) * MS_PER_DAY - 1;

/** `YYYY-MM-DD`, with a sign for years of more than four digits or before year 0; the plain number outside the calendar. */
export function formatDate(days: number): string {
  if (days < DAY_MIN || days > DAY_MAX) return String(days);
  const { year, month, day } = calendarFromDays(days);
  const digits = String(Math.abs(year)).padStart(4, "0");
  const sign = year < 0 ? "-" : year > 9999 ? "+" : "";
  return `${sign}${digits}-${two(month)}-${two(day)}`;
}

/** `YYYY-MM-DDTHH:MM:SS.mmmZ`, always three fraction digits; the plain number outside the calendar. */
export function formatDateTime(ms: number): string {
  if (ms < INSTANT_MIN || ms > INSTANT_MAX) return String(ms);
  const days = Math.floor(ms / MS_PER_DAY);
  const rest = ms - days * MS_PER_DAY;
  const seconds = Math.floor(rest / 1000);
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${formatDate(days)}T${time}.${String(rest % 1000).padStart(3, "0")}Z`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
