import { isLosslessNumber, parse, stringify } from "lossless-json";
import type { EmbedType } from "./embed-spec.js";
import { EmbedRecordError } from "./errors.js";

type Members = Record<string, unknown>;

/** One decoded line of a record file. Numbers keep their text. */
export interface EmbedRecord {
  /** Undefined: an edge, or whatever else has no `type`. */
  readonly type: string | undefined;
  readonly members: Members;
}

/** @throws EmbedRecordError */
export function parseRecord(text: string, line: number): EmbedRecord {
  let members: unknown;
  try {
    members = parse(text);
  } catch (error) {
    throw new EmbedRecordError(line, `invalid JSON: ${(error as Error).message}`);
  }
  if (typeof members !== "object" || members === null || Array.isArray(members)) throw new EmbedRecordError(line, "a record must be an object");
  const { type } = members as { readonly type?: unknown };
  if (type !== undefined && typeof type !== "string") throw new EmbedRecordError(line, "'type' must be a text");
  return { type, members: members as Members };
}

/** Properties of a record of a configured type. @throws EmbedRecordError */
export function dataOf({ members }: EmbedRecord, line: number): Members {
  const { data } = members;
  if (data === undefined) {
    const stray = Object.keys(members).find((name) => name !== "type");
    if (stray !== undefined) throw new EmbedRecordError(line, `'${stray}' stands beside 'type'; properties stand inside 'data'`);
    return {};
  }
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw new EmbedRecordError(line, "'data' must be an object");
  return data as Members;
}

/** The text to embed (EM-32); undefined when no field has one (EM-10). */
export function recordText(type: string, data: Readonly<Members>, { fields }: EmbedType): string | undefined {
  const lines = fields.flatMap((field) => {
    const text = fieldText(data[field]);
    return text.trim() === "" ? [] : [`${field}: ${text}`];
  });
  return lines.length === 0 ? undefined : [`type: ${type}`, ...lines].join("\n");
}

/** A value as text: for the text to embed and for selectors. Lists are joined by `, `. */
export function fieldText(value: unknown): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value;
  if (isLosslessNumber(value)) return value.value;
  if (Array.isArray(value)) return value.filter((item) => item !== null).map(fieldText).join(", ");
  return stringify(value) ?? "";
}

/** Whether there is no vector: absent, null or empty (EM-31). */
export function isMissing(vector: unknown): boolean {
  return vector === undefined || vector === null || (Array.isArray(vector) && vector.length === 0);
}

/** The line of the record with another vector; undefined takes it away. Its other members keep their order and digits. */
export function renderWith({ members }: EmbedRecord, data: Readonly<Members>, target: string, vector: Float32Array | undefined): string {
  const { [target]: _removed, ...others } = data;
  const changed = renderObject(vector === undefined ? others : { ...data, [target]: null }, target, vector === undefined ? undefined : renderVector(vector));
  return renderObject({ ...members, data: null }, "data", changed);
}

/** JSON of an object, with the text `replaced` as the value of one member. */
function renderObject(members: Readonly<Members>, name: string, replaced: string | undefined): string {
  const parts = Object.entries(members).map(([key, value]) => `${JSON.stringify(key)}:${key === name && replaced !== undefined ? replaced : (stringify(value) ?? "null")}`);
  return `{${parts.join(",")}}`;
}

function renderVector(vector: Float32Array): string {
  let text = "";
  for (const component of vector) text += `${text === "" ? "[" : ","}${shortest(component)}`;
  return `${text}]`;
}

/** The number with the fewest decimals that is the same 32-bit float. */
function shortest(component: number): number {
  for (let scale = 1e7; scale <= 1e11; scale *= 10) {
    const short = Math.round(component * scale) / scale;
    if (Math.fround(short) === component) return short;
  }
  return Number(component.toPrecision(9));
}
