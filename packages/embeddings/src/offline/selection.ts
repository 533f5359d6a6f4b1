import { fieldText } from "./embed-record.js";
import type { EmbedSpec } from "./embed-spec.js";
import { EmbedSpecError } from "./errors.js";

/** `field=value`, or `Type:field=value` (EM-31). */
export interface Selector {
  readonly type: string | undefined;
  readonly field: string;
  readonly value: string;
}

/** Which records of the configured types are meant. */
export interface Selection {
  /** Empty = all. */
  readonly types: readonly string[];
  /** Any of them; empty = all. */
  readonly selectors: readonly Selector[];
}

/** @throws EmbedSpecError */
export function parseSelector(text: string): Selector {
  const match = /^(?:([^:=]+):)?([^:=]+)=(.*)$/s.exec(text);
  if (match === null) throw new EmbedSpecError(`'${text}' is no selector`, "Select with field=value or Type:field=value.");
  const [, type, field = "", value = ""] = match;
  return { type, field, value };
}

/** @throws EmbedSpecError for a type that the spec does not have: nothing would be selected */
export function checkSelection({ types, selectors }: Selection, spec: EmbedSpec): void {
  const named = [...types, ...selectors.flatMap(({ type }) => (type === undefined ? [] : [type]))];
  const unknown = named.find((name) => !spec.types.has(name));
  if (unknown !== undefined) throw new EmbedSpecError(`the spec has no type '${unknown}'`, `Its types are ${[...spec.types.keys()].join(", ")}.`);
}

export function isSelected({ types, selectors }: Selection, type: string, data: Readonly<Record<string, unknown>>): boolean {
  if (types.length > 0 && !types.includes(type)) return false;
  return selectors.length === 0 || selectors.some((selector) => (selector.type ?? type) === type && Object.hasOwn(data, selector.field) && fieldText(data[selector.field]) === selector.value);
}
