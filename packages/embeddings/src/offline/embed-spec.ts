import { EmbedSpecError } from "./errors.js";

/** Where the vector of a type goes and which fields its text is made of, in order. */
export interface EmbedType {
  readonly target: string;
  readonly fields: readonly string[];
}

export interface EmbedSpec {
  readonly dimension: number;
  /** The only model to embed with, when the spec names one. */
  readonly model: string | undefined;
  readonly types: ReadonlyMap<string, EmbedType>;
}

/**
 * Reads the decoded JSON of a spec, or the member `embeddings` of a manifest (EM-30).
 *
 * @param where how messages call it
 * @throws EmbedSpecError
 */
export function readEmbedSpec(value: unknown, where: string): EmbedSpec {
  const spec = objectOf(value, where);
  refuseUnknown(spec, ["dimension", "model", "types"], where);
  const { dimension, model } = spec;
  if (typeof dimension !== "number" || !Number.isSafeInteger(dimension) || dimension < 1) throw new EmbedSpecError(`${where}.dimension must be a whole number from 1`);
  if (model !== undefined && typeof model !== "string") throw new EmbedSpecError(`${where}.model must be a text`);
  const types = new Map(Object.entries(objectOf(spec["types"], `${where}.types`)).map(([name, type]) => [name, readType(type, `${where}.types.${name}`)]));
  if (types.size === 0) throw new EmbedSpecError(`${where}.types names no type`);
  return { dimension, model, types };
}

function readType(value: unknown, where: string): EmbedType {
  const type = objectOf(value, where);
  refuseUnknown(type, ["target", "fields"], where);
  const { target, fields } = type;
  if (typeof target !== "string" || target === "") throw new EmbedSpecError(`${where}.target must be the name of a property`);
  const areNames = Array.isArray(fields) && fields.length > 0 && fields.every((field) => typeof field === "string" && field !== "");
  if (!areNames) throw new EmbedSpecError(`${where}.fields must be a list of property names`);
  return { target, fields: fields as readonly string[] };
}

export function objectOf(value: unknown, where: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new EmbedSpecError(`${where} must be an object${value === undefined ? ", and is missing" : ""}`);
  return value as Readonly<Record<string, unknown>>;
}

function refuseUnknown(value: Readonly<Record<string, unknown>>, known: readonly string[], where: string): void {
  const unknown = Object.keys(value).find((name) => !known.includes(name));
  if (unknown !== undefined) throw new EmbedSpecError(`${where} has an unknown member '${unknown}'; it knows ${known.join(", ")}`);
}
