import { stringifyJson } from "@omnigraphdb/api-types";
import fc from "fast-check";
import { ACTORS, type Actor } from "../app-fixture.js";
import { type ApiDocument, type Operation, resolve, type Schema } from "./described-operations.js";

/** One request, as data: it is printed when a property fails. */
export interface PlannedRequest {
  readonly operation: string;
  readonly actor: Actor | "stranger" | undefined;
  readonly path: Readonly<Record<string, string>>;
  readonly query: readonly (readonly [name: string, value: string])[];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: { readonly text: string; readonly contentType: string | undefined } | undefined;
  /** What was done to a request that follows the document. */
  readonly twists: readonly string[];
}

/** Values that mean something to the graph that is served, by `Shape.member`, `path.name`, `query.name`, `header.name`, or `member` alone. */
export type Hints = Readonly<Record<string, fc.Arbitrary<unknown>>>;

export interface RequestPlanner {
  /** A request that follows the document, of the actor who may do everything. */
  valid(operation: Operation): fc.Arbitrary<PlannedRequest>;
  /** Any actor; mostly as the document says, sometimes twisted. */
  nearValid(operation: Operation): fc.Arbitrary<PlannedRequest>;
}

export function planRequests(document: ApiDocument, hints: Hints): RequestPlanner {
  const valueOf = valuesOf(document, hints);
  const valid = (operation: Operation): fc.Arbitrary<PlannedRequest> => {
    const inPlace = (place: string): readonly fc.Arbitrary<readonly [string, string]>[] =>
      operation.parameters.filter((parameter) => parameter.in === place).map(({ name, schema }) => valueOf(schema, place, name).map((value) => [name, String(value)] as const));
    const isRequired = operation.parameters.filter((parameter) => parameter.in === "query").map(({ required }) => required);
    return fc.record({
      path: fc.tuple(...inPlace("path").map((pair) => pair.filter(([, value]) => isSegment(value)))),
      query: fc.tuple(...inPlace("query").map((pair, index) => (isRequired[index] === true ? pair : sometimes(pair)))),
      headers: fc.tuple(...inPlace("header")),
      body: bodyOf(operation),
    }).map(({ path, query, headers, body }) => ({
      operation: operation.id,
      actor: "owner",
      path: Object.fromEntries(path),
      query: query.filter((pair) => pair !== null),
      headers: Object.fromEntries(headers),
      body,
      twists: [],
    }));
  };
  const bodyOf = ({ body }: Operation): fc.Arbitrary<PlannedRequest["body"]> => {
    if (body === undefined) return fc.constant(undefined);
    const text = body.mediaType === "application/json" ? valueOf(body.schema, "body", "body").map(stringifyJson) : valueOf(body.schema, "body", "records").map(String);
    const sent = text.map((written) => ({ text: written, contentType: body.mediaType }));
    return body.isRequired ? sent : fc.oneof({ weight: 3, arbitrary: sent }, { weight: 1, arbitrary: fc.constant(undefined) });
  };
  const nearValid = (operation: Operation): fc.Arbitrary<PlannedRequest> => {
    const actor = fc.oneof({ weight: 8, arbitrary: fc.constant("owner" as const) }, { weight: 2, arbitrary: fc.constantFrom(...ACTORS, "stranger" as const, undefined) });
    const twists = fc.oneof({ weight: 2, arbitrary: fc.constant([]) }, { weight: 3, arbitrary: fc.array(TWIST, { minLength: 1, maxLength: 2 }) });
    return fc.tuple(valid(operation), actor, twists).map(([request, by, applied]) => applied.reduce((twisted, twist) => twist.apply(twisted), { ...request, actor: by }));
  };
  return { valid, nearValid };
}

/** Whether it is part of a path: clients resolve dots before they send them, encoded or not. */
function isSegment(text: string): boolean {
  return !["", ".", ".."].includes(text);
}

/** Null: left out. */
function sometimes<T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.oneof({ weight: 2, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: value });
}

const ODD_TEXT: fc.Arbitrary<string> = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }).filter((text) => text.isWellFormed()),
  fc.constantFrom("", " ", "%", "a/b", "\u0000", "__proto__", "constructor", "null", "[]", "m\u0430in", "manifest:main:v1", "@2020-01-01T00:00:00Z", "01J8Z5W6T4Q8M3N2K1H0G9F8E7", "9".repeat(30)),
);

const ODD_JSON: fc.Arbitrary<unknown> = fc.oneof(fc.constantFrom(null, true, 0, -1, 1.5, 9_007_199_254_740_993n, "", [], {}, [null], { a: 1 }), ODD_TEXT, fc.jsonValue({ maxDepth: 2 }));

/** Values of a shape of the document, those with a meaning preferred. */
function valuesOf(document: ApiDocument, hints: Hints): (schema: Schema, owner: string, member: string) => fc.Arbitrary<unknown> {
  const ofShape = (written: Schema, owner: string, member: string): fc.Arbitrary<unknown> => {
    const hint = hints[`${owner}.${member}`] ?? hints[member];
    const { schema, name = owner } = resolve(document, written);
    const { properties, items, enum: choices } = schema;
    if (hint !== undefined && properties === undefined) return fc.oneof({ weight: 8, arbitrary: hint }, { weight: 1, arbitrary: plain(schema, name, member) });
    if (properties !== undefined) return record(schema, name);
    if (items !== undefined) return fc.array(ofShape(items, name, member), { maxLength: 2 });
    if (choices !== undefined) return fc.constantFrom(...choices);
    return plain(schema, name, member);
  };
  const record = ({ properties = {}, required = [] }: Schema, name: string): fc.Arbitrary<unknown> => {
    const members = Object.entries(properties).map(([member, schema]) => {
      const value = ofShape(schema, name, member);
      return (required.includes(member) ? value : sometimes(value).map((given) => given ?? undefined)).map((given) => [member, given] as const);
    });
    return fc.tuple(...members).map((pairs) => Object.fromEntries(pairs.filter(([, value]) => value !== undefined)));
  };
  const plain = (schema: Schema, name: string, member: string): fc.Arbitrary<unknown> => {
    const { anyOf, oneOf, type, minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER, items, enum: choices, pattern } = schema;
    const alternatives = anyOf ?? oneOf;
    if (alternatives !== undefined) return fc.oneof(...alternatives.map((alternative) => ofShape(alternative, name, member)));
    if (Array.isArray(type)) return fc.oneof(...type.map((one: string) => plain({ ...schema, type: one }, name, member)));
    if (choices !== undefined) return fc.constantFrom(...choices);
    if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
    switch (type) {
      case "string": return ODD_TEXT;
      case "boolean": return fc.boolean();
      case "null": return fc.constant(null);
      case "integer": return fc.oneof(fc.integer({ min: Math.max(minimum, 0), max: 20 }), fc.maxSafeInteger().filter((value) => value >= minimum && value <= maximum));
      case "array": return fc.array(items === undefined ? ODD_JSON : ofShape(items, name, member), { maxLength: 2 });
      case "object": return fc.dictionary(ODD_TEXT, ODD_JSON, { maxKeys: 2, noNullPrototype: true });
      default: throw new TypeError(`the document has a shape that no value is made for: ${JSON.stringify(schema)}`);
    }
  };
  return ofShape;
}

interface Twist {
  apply(request: PlannedRequest): PlannedRequest;
}

function twist(name: string, change: (request: PlannedRequest) => Partial<PlannedRequest>): Twist {
  return { apply: (request) => ({ ...request, ...change(request), twists: [...request.twists, name] }) };
}

function bodyTwist(name: string, change: (text: string) => string): Twist {
  return twist(name, ({ body }) => (body === undefined ? {} : { body: { ...body, text: change(body.text) } }));
}

/** Changes one member of a body that is a JSON object. */
function memberTwist(name: string, position: number, change: (members: Map<string, unknown>, member: string) => void): Twist {
  return bodyTwist(name, (text) => {
    const members = new Map(Object.entries(objectOf(text) ?? {}));
    const keys = [...members.keys()];
    const member = keys[position % Math.max(keys.length, 1)];
    if (member === undefined) return text;
    change(members, member);
    return stringifyJson(Object.fromEntries(members));
  });
}

function objectOf(text: string): object | undefined {
  try {
    const value = JSON.parse(text) as unknown;
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

const NAMES = fc.constantFrom("branch", "snapshot", "from", "to", "mode", "limit", "page_token", "cursor", "start", "kind", "op", "type", "query", "query_source", "params", "table_keys", "unheard_of");
const POSITION = fc.nat(7);

const TWIST: fc.Arbitrary<Twist> = fc.oneof(
  POSITION.map((position) => memberTwist("drop member", position, (members, member) => members.delete(member))),
  POSITION.map((position) => memberTwist("null member", position, (members, member) => members.set(member, null))),
  fc.tuple(POSITION, ODD_JSON).map(([position, value]) => memberTwist("odd member", position, (members, member) => members.set(member, value))),
  fc.tuple(NAMES, ODD_JSON).map(([name, value]) => memberTwist("extra member", 0, (members) => members.set(name, value))),
  fc.nat(200).map((length) => bodyTwist("cut body", (text) => text.slice(0, length))),
  fc.constantFrom("}", " x", "\u0000", '{"a":1}').map((tail) => bodyTwist("tail of body", (text) => text + tail)),
  ODD_JSON.map((value) => bodyTwist("other body", () => stringifyJson(value))),
  fc.constant(bodyTwist("member twice", (text) => text.replace(/^\{("\w+":)/, "{$1null,$1"))),
  fc.constantFrom(undefined, "text/plain", "application/json; charset=utf-8", "application/vnd.x+json", "application/x-ndjson", "multipart/form-data").map((contentType) =>
    twist("content type", ({ body }) => (body === undefined ? {} : { body: { ...body, contentType } })),
  ),
  POSITION.map((position) => twist("drop parameter", ({ query }) => ({ query: query.filter((_, index) => index !== position % Math.max(query.length, 1)) }))),
  POSITION.map((position) => twist("parameter twice", ({ query }) => ({ query: [...query, ...query.filter((_, index) => index === position % query.length)] }))),
  fc.tuple(POSITION, ODD_TEXT).map(([position, value]) =>
    twist("odd parameter", ({ query }) => ({ query: query.map((pair, index) => (index === position % query.length ? ([pair[0], value] as const) : pair)) })),
  ),
  fc.tuple(NAMES, ODD_TEXT).map(([name, value]) => twist("extra parameter", ({ query }) => ({ query: [...query, [name, value] as const] }))),
  fc.tuple(POSITION, ODD_TEXT.filter(isSegment)).map(([position, value]) =>
    twist("odd path", ({ path }) => ({ path: Object.fromEntries(Object.entries(path).map(([name, was], index) => [name, index === position % 2 ? value : was])) })),
  ),
  fc.constantFrom({}, { "Omnigraph-If-Graph-Commit": "01J8Z5W6T4Q8M3N2K1H0G9F8E7" }, { "Omnigraph-If-Graph-Commit": '"quoted"' }, { Range: "bytes=0-1" }, { Range: "bytes=99-" }, { "If-None-Match": "*" }, { "If-Match": '"x"' }).map((headers) =>
    twist("headers", () => ({ headers })),
  ),
);
