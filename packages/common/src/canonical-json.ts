import { createHash } from "node:crypto";

/** A number whose JSON text is chosen by the caller, such as `1.0` where a format demands a decimal point. */
export class JsonNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** JSON value as we write it; `bigint` carries 64-bit integers without loss. */
export type Json = null | boolean | number | bigint | string | JsonNumber | readonly Json[] | { readonly [key: string]: Json };

/** Compact JSON that prints `bigint` as a plain integer. Members keep their insertion order. */
export function compactJson(value: Json): string {
  if (typeof value === "bigint") return value.toString();
  if (value === null || typeof value !== "object") return JSON.stringify(value);
  if (value instanceof JsonNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(compactJson).join(",")}]`;
  const members = Object.entries(value as Record<string, Json>).map(([key, item]) => `${JSON.stringify(key)}:${compactJson(item)}`);
  return `{${members.join(",")}}`;
}

/** JSON indented by two spaces, laid out like `JSON.stringify(value, null, 2)`; prints `bigint` as a plain integer. */
export function prettyJson(value: Json, indent = ""): string {
  if (value === null || typeof value !== "object" || value instanceof JsonNumber) return compactJson(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return "[]";
    return `[\n${value.map((item) => inner + prettyJson(item as Json, inner)).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value as Record<string, Json>);
  if (entries.length === 0) return "{}";
  return `{\n${entries.map(([key, item]) => `${inner}${JSON.stringify(key)}: ${prettyJson(item, inner)}`).join(",\n")}\n${indent}}`;
}

/** `sha256:` and the lower-case hexadecimal SHA-256 of the UTF-8 text. */
export function sha256Digest(text: string): string {
  return `sha256:${createHash("sha256").update(text, "utf8").digest("hex")}`;
}
