import type { EmbeddingRole } from "@omnigraphdb/common";
import type { ApiKey } from "./api-key.js";

export interface WireRequest {
  readonly model: string;
  readonly texts: readonly string[];
  readonly role: EmbeddingRole;
  readonly dimension: number;
}

/** How one kind of provider is spoken to, apart from transport. */
export interface EmbeddingWire {
  /** Most texts of one request. */
  readonly textsMax: number;
  /** Address after the base. */
  path(model: string): string;
  headers(key: ApiKey): Readonly<Record<string, string>>;
  body(request: WireRequest): unknown;
  /** One vector per text, in the order of the request. @throws WireProblem */
  vectors(reply: unknown, textCount: number): readonly (readonly number[])[];
}

/** The reply is JSON, and not what the protocol says. */
export class WireProblem extends Error {}

export function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

/** @throws WireProblem */
export function numbersOf(value: unknown, where: string): readonly number[] {
  if (!Array.isArray(value) || !value.every((item) => typeof item === "number")) throw new WireProblem(`the reply has no array of numbers at ${where}`);
  return value;
}
