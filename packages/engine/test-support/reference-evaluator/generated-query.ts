import type { Cell } from "../../src/columnar/read-cell.js";
import type { TestEntity } from "../query-graph.js";

/** Every scalar type, lists, keyed and keyless types, edges of one and of two endpoint types. */
export const GENERATED_SCHEMA = `
node P {
  k: String @key
  s: String?
  e: enum(ant, bee, cat)?
  b: Bool?
  i: I32?
  l: I64?
  u: U32?
  w: U64?
  f: F32?
  g: F64?
  d: Date?
  t: DateTime?
  ls: [String]?
  li: [I64]?
  v: Vector(2)?
  x: String?
}
node Q {
  n: I64 @key
  s: String?
  x: String?
  i: I32?
  f: F32?
}
node R {
  s: String?
  i: I32?
}
edge Pp: P -> P { s: String?  i: I32? }
edge Pq: P -> Q { i: I32? }
edge Qr: Q -> R
`;

/** Small deterministic source of choices. */
export class Choices {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0 || 1;
  }

  /** 0 … max − 1. */
  below(max: number): number {
    this.#state ^= this.#state << 13;
    this.#state ^= this.#state >>> 17;
    this.#state ^= this.#state << 5;
    return (this.#state >>> 0) % max;
  }

  chance(percent: number): boolean {
    return this.below(100) < percent;
  }

  pick<T>(items: readonly T[]): T {
    return items[this.below(items.length)] as T;
  }
}

type Kind = "String" | "Bool" | "I32" | "I64" | "U32" | "U64" | "F32" | "F64" | "Date" | "DateTime";

const POOLS: Readonly<Record<Kind, readonly Cell[]>> = {
  String: ["", "a", "ab", "abc", "b", "é", "\uFFFD", "😀", "😀a", "a'b\"c", "\uFEFFa"],
  Bool: [true, false],
  I32: [0, 1, 2, -1, 7, 2_147_483_647, -2_147_483_648],
  I64: [0n, 1n, 2n, -1n, 9_007_199_254_740_992n, 9_007_199_254_740_993n, -9_223_372_036_854_775_808n],
  U32: [0, 1, 2, 7, 4_294_967_295],
  U64: [0n, 1n, 2n, 9_007_199_254_740_993n, 18_446_744_073_709_551_615n],
  F32: [0, 1, 2, 0.1, 1.5, -2.5].map(Math.fround),
  F64: [0, 1, 2, 0.1, 1.5, -2.5, 9_007_199_254_740_992, NaN],
  Date: [0, 1, 18_000, -5],
  DateTime: [0n, 1n, 1_577_836_800_000n, -1n],
};

interface PropertyShape {
  readonly name: string;
  readonly kind: Kind;
  readonly shape: "scalar" | "list" | "vector" | "enum" | "words";
}

const scalar = (name: string, kind: Kind): PropertyShape => ({ name, kind, shape: "scalar" });

const PROPERTIES: Readonly<Record<string, readonly PropertyShape[]>> = {
  P: [
    scalar("k", "String"),
    scalar("s", "String"),
    { name: "e", kind: "String", shape: "enum" },
    scalar("b", "Bool"),
    scalar("i", "I32"),
    scalar("l", "I64"),
    scalar("u", "U32"),
    scalar("w", "U64"),
    scalar("f", "F32"),
    scalar("g", "F64"),
    scalar("d", "Date"),
    scalar("t", "DateTime"),
    { name: "ls", kind: "String", shape: "list" },
    { name: "li", kind: "I64", shape: "list" },
    { name: "v", kind: "F32", shape: "vector" },
    { name: "x", kind: "String", shape: "words" },
  ],
  Q: [scalar("n", "I64"), scalar("s", "String"), { name: "x", kind: "String", shape: "words" }, scalar("i", "I32"), scalar("f", "F32")],
  R: [scalar("s", "String"), scalar("i", "I32")],
  Pp: [scalar("s", "String"), scalar("i", "I32")],
  Pq: [scalar("i", "I32")],
  Qr: [],
};

const EDGES = [
  { word: "pp", type: "Pp", source: "P", target: "P" },
  { word: "pq", type: "Pq", source: "P", target: "Q" },
  { word: "qr", type: "Qr", source: "Q", target: "R" },
] as const;

/** A small graph with collisions on purpose: nulls, parallel edges, self-loops, dangling edges, ids out of order. */
export function generateEntities(choices: Choices): readonly TestEntity[] {
  const entities: TestEntity[] = [];
  const ids: Record<string, string[]> = { P: [], Q: [], R: [] };
  const isTiny = choices.chance(15);
  const count = isTiny ? { P: choices.below(2), Q: choices.below(2), R: 0 } : { P: 3 + choices.below(6), Q: 2 + choices.below(4), R: 1 + choices.below(3) };
  for (let i = 0; i < count.P; i++) addNode("P", choices.pick(["z", "a", "m", "é", "😀", "\uFFFD"]) + String(i));
  for (let i = 0; i < count.Q; i++) addNode("Q", String((i * 7) % 5 === 0 ? -i : i * 3));
  for (let i = 0; i < count.R; i++) addNode("R", `r${9 - i}`);
  for (const edge of EDGES) {
    const edgeCount = isTiny ? choices.below(3) : 4 + choices.below(12);
    for (let i = 0; i < edgeCount; i++) {
      const from = choices.chance(5) ? "nobody" : pickId(edge.source);
      const to = choices.chance(5) ? "nobody" : pickId(edge.target);
      if (from !== undefined && to !== undefined) entities.push({ type: edge.type, id: `${edge.word}${(i * 5) % 16}`, from, to, cells: cellsOf(edge.type) });
    }
  }
  return entities;

  function pickId(type: string): string | undefined {
    const own = ids[type] ?? [];
    return own.length === 0 ? undefined : choices.pick(own);
  }
  function addNode(type: string, id: string): void {
    if (ids[type]?.includes(id) === true) return;
    ids[type]?.push(id);
    const key = type === "P" ? { k: id } : type === "Q" ? { n: BigInt(id) } : {};
    entities.push({ type, id, cells: { ...cellsOf(type), ...key } });
  }
  function cellsOf(type: string): Record<string, Cell> {
    return Object.fromEntries((PROPERTIES[type] ?? []).map((property) => [property.name, choices.chance(20) ? null : cellOf(property)]));
  }
  function cellOf({ kind, shape }: PropertyShape): Cell {
    if (shape === "enum") return choices.pick(["ant", "bee", "cat"]);
    if (shape === "vector") return Float32Array.of(choices.below(2), choices.below(2));
    if (shape === "words") return textOfWords(choices, 6);
    const pool = POOLS[kind];
    return shape === "list" ? Array.from({ length: choices.below(3) }, () => choices.pick(pool)) : choices.pick(pool);
  }
}

/** Stems of themselves, no stop words; some one or two edits apart. */
const WORDS = ["fox", "fix", "dog", "dig", "cat", "bird", "moss", "Rain", "r2"];

function textOfWords(choices: Choices, countMax: number): string {
  return Array.from({ length: choices.chance(8) ? 0 : 1 + choices.below(countMax) }, () => choices.pick(WORDS)).join(choices.pick([" ", ", ", "-"]));
}

export interface GeneratedQuery {
  readonly source: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A query over {@link GENERATED_SCHEMA}; most pass the checker. */
export function generateQuery(choices: Choices): GeneratedQuery {
  return new QueryWriter(choices).write();
}

const NUMERIC: ReadonlySet<Kind> = new Set(["I32", "I64", "U32", "U64", "F32", "F64"]);

class QueryWriter {
  readonly #choices: Choices;
  readonly #params: Record<string, unknown> = {};
  readonly #declarations: string[] = [];
  /** Variables in scope with their types. */
  #scope: [name: string, type: string][] = [];
  #names = 0;

  constructor(choices: Choices) {
    this.#choices = choices;
  }

  write(): GeneratedQuery {
    const match = this.#block(3, 0);
    const { projections, aliases, keys, isAggregating } = this.#projections();
    const order = this.#orderings(aliases, keys, isAggregating);
    const limit = this.#choices.chance(needsLimit(order, projections) ? 95 : 30) ? ` limit ${this.#choices.below(6)}` : "";
    const source = `query q(${this.#declarations.join(", ")}) { match { ${match} } return { ${projections.join(", ")} }${order}${limit} }`;
    return { source, params: this.#params };
  }

  #block(clauseMax: number, depth: number): string {
    const clauses: string[] = [];
    const isNested = depth > 0;
    if (!isNested || this.#choices.chance(15)) clauses.push(this.#binding());
    const traversals = this.#choices.below(clauseMax) + (isNested ? 1 : 0);
    for (let i = 0; i < traversals; i++) clauses.push(this.#traversal());
    if (!isNested && this.#choices.chance(25)) clauses.push(this.#binding());
    for (let i = this.#choices.pick([0, 0, 1, 1, 2]); i > 0; i--) clauses.push(this.#filter());
    if (depth < 2) {
      for (let i = this.#choices.chance(depth === 0 ? 35 : 20) ? 1 + this.#choices.below(2) : 0; i > 0; i--) {
        const outer = this.#scope;
        this.#scope = [...outer];
        clauses.push(`not { ${this.#block(2, depth + 1)} }`);
        this.#scope = outer;
      }
    }
    return clauses.join(" ");
  }

  #fresh(type: string): string {
    const name = `${this.#choices.pick(["a", "m", "z"])}${this.#names++}`;
    this.#scope.push([name, type]);
    return name;
  }

  #existing(type: string): string | undefined {
    const fitting = this.#scope.filter(([, own]) => own === type);
    return fitting.length === 0 ? undefined : this.#choices.pick(fitting)[0];
  }

  #node(type: string): string {
    if (this.#choices.chance(12)) return "_";
    const known = this.#choices.chance(60) ? this.#existing(type) : undefined;
    return known ?? this.#fresh(type);
  }

  #binding(): string {
    const type = this.#choices.pick(["P", "P", "P", "Q", "R"]);
    const name = this.#choices.chance(25) ? (this.#existing(type) ?? this.#fresh(type)) : this.#fresh(type);
    if (!this.#choices.chance(22)) return `$${name}: ${type}`;
    const property = this.#choices.pick((PROPERTIES[type] ?? []).filter(({ shape }) => shape !== "vector"));
    return `$${name}: ${type} { ${property.name}: ${property.shape === "enum" ? '"bee"' : this.#constant(property.kind)} }`;
  }

  #traversal(): string {
    const edge = this.#choices.pick([EDGES[0], EDGES[0], EDGES[1], EDGES[2]]);
    const source = this.#node(edge.source);
    const target = this.#node(edge.target);
    if (edge.source === edge.target) {
      const word = this.#choices.chance(25) ? "<pp>" : "pp";
      if (this.#choices.chance(20)) return `$${source} $${this.#edge(edge.type)}:${word} $${target}`;
      const min = 1 + this.#choices.below(3);
      const hops = this.#choices.chance(40) ? `{${min},${min + this.#choices.below(3)}}` : "";
      return `$${source} ${word}${hops} $${target}`;
    }
    const turned = this.#choices.chance(20) && source !== "_" ? [target, source] : [source, target];
    if (this.#choices.chance(20)) return `$${turned[0]} $${this.#edge(edge.type)}:${edge.word} $${turned[1]}`;
    return `$${turned[0]} ${edge.word}${this.#choices.chance(10) ? "{1,2}" : ""} $${turned[1]}`;
  }

  #edge(type: string): string {
    const name = `w${this.#names++}`;
    this.#scope.push([name, type]);
    return name;
  }

  #property(accepts: (property: PropertyShape) => boolean): { readonly text: string; readonly property: PropertyShape } | undefined {
    const all = this.#scope.flatMap(([name, type]) => (PROPERTIES[type] ?? []).filter(accepts).map((property) => ({ text: `$${name}.${property.name}`, property })));
    return all.length === 0 ? undefined : this.#choices.pick(all);
  }

  #filter(): string {
    const predicate = this.#choices.chance(22) ? this.#textPredicate() : undefined;
    if (predicate !== undefined) return `${predicate}${this.#choices.pick(["", "", " = true", " = false"])}`;
    const left = this.#property(({ shape }) => shape !== "vector");
    if (left === undefined) return "1 = 1.0";
    const { kind, shape } = left.property;
    if (shape === "list") return `${left.text} contains ${this.#constant(kind)}`;
    if (this.#choices.chance(12)) return `[${Array.from({ length: 1 + this.#choices.below(12) }, () => this.#literal(kind)).join(", ")}] contains ${left.text}`;
    if (kind === "String" && this.#choices.chance(35)) {
      const needle = this.#choices.chance(70) ? this.#constant("String") : (this.#property((other) => other.kind === "String" && other.shape !== "list")?.text ?? '"a"');
      return `${left.text} ${this.#choices.pick(["contains", "starts_with"])} ${needle}`;
    }
    const operator = this.#choices.pick(["=", "=", "!=", "<", "<=", ">", ">="]);
    const fits = (other: PropertyShape): boolean =>
      other.shape !== "list" && other.shape !== "vector" && (other.kind === kind || (NUMERIC.has(other.kind) && NUMERIC.has(kind)));
    const right = this.#choices.chance(45) ? this.#property(fits)?.text : undefined;
    if (right !== undefined) return `${left.text} ${operator} ${right}`;
    if (kind === "DateTime" && this.#choices.chance(20)) return `${left.text} ${operator} now()`;
    const constant = this.#constant(NUMERIC.has(kind) ? this.#choices.pick(["I64", "F64", "U32", kind]) : kind);
    return this.#choices.chance(20) ? `${constant} ${operator} ${left.text}` : `${left.text} ${operator} ${constant}`;
  }

  #textPredicate(): string | undefined {
    const field = this.#property(({ shape }) => shape === "words")?.text;
    if (field === undefined) return undefined;
    const query = this.#queryText(true);
    return this.#choices.pick([
      () => `search(${field}, ${query})`,
      () => `match_text(${field}, ${query})`,
      () => `fuzzy(${field}, ${query}${this.#choices.pick(["", ", 0", ", 1", ", 2"])})`,
    ])();
  }

  /** A ranking function of one variable. */
  #ranking(): string | undefined {
    const ranked = this.#property(({ shape }) => shape === "words")?.text;
    if (ranked === undefined) return undefined;
    const variable = ranked.split(".")[0] ?? "";
    const isP = this.#scope.some(([name, type]) => `$${name}` === variable && type === "P");
    const arm = (): string => (isP && this.#choices.chance(50) ? `nearest(${variable}.v, ${this.#queryVector()})` : `bm25(${ranked}, ${this.#queryText(false)})`);
    return this.#choices.chance(40) ? `rrf(${arm()}, ${arm()}${this.#choices.pick(["", ", 1", ", 7"])})` : arm();
  }

  #queryText(isNullable: boolean): string {
    const text = textOfWords(this.#choices, 3);
    if (this.#choices.chance(50)) return JSON.stringify(text);
    const name = `x${this.#declarations.length}`;
    this.#declarations.push(`$${name}: String?`);
    this.#params[name] = isNullable && this.#choices.chance(12) ? null : text;
    return `$${name}`;
  }

  #queryVector(): string {
    const components = [this.#choices.below(3) / 2, this.#choices.below(3) / 2];
    if (this.#choices.chance(50)) return JSON.stringify(components);
    const name = `x${this.#declarations.length}`;
    this.#declarations.push(`$${name}: Vector(2)`);
    this.#params[name] = components;
    return `$${name}`;
  }

  /** A literal, or a parameter that may be null. */
  #constant(kind: Kind): string {
    return this.#choices.chance(50) ? this.#literal(kind) : this.#parameter(kind);
  }

  #parameter(kind: Kind): string {
    const name = `x${this.#declarations.length}`;
    this.#declarations.push(`$${name}: ${kind}?`);
    const cell = this.#choices.chance(12) ? null : this.#choices.pick(POOLS[kind].filter((value) => value === value && !(kind === "U64" && (value as bigint) > 9_223_372_036_854_775_807n)));
    this.#params[name] = kind === "Date" || kind === "DateTime" ? (cell === null ? null : textOfTime(cell as number | bigint, kind)) : cell;
    return `$${name}`;
  }

  #literal(kind: Kind): string {
    const choices = this.#choices;
    switch (kind) {
      case "String":
        return JSON.stringify(choices.pick(["", "a", "ab", "b", "é", "\uFFFD", "😀", "ant", "a0", "z1", "m2"]));
      case "Bool":
        return choices.pick(["true", "false"]);
      case "F32":
      case "F64":
        return choices.pick(["0.1", "1.5", "2.0", "0.0", "9007199254740993.0"]);
      case "Date":
        return `date("${textOfTime(choices.pick(POOLS.Date) as number, "Date")}")`;
      case "DateTime":
        return `datetime("${textOfTime(choices.pick(POOLS.DateTime) as bigint, "DateTime")}")`;
      default:
        return choices.pick(["0", "1", "2", "7", "9007199254740993", "3000000000"]);
    }
  }

  #projections(): { projections: string[]; aliases: string[]; keys: string[]; isAggregating: boolean } {
    const aliases: string[] = [];
    const projections: string[] = [];
    const keys: string[] = [];
    const isAggregating = this.#choices.chance(35);
    const nodes = this.#scope.filter(([, type]) => type.length === 1);
    const count = 1 + this.#choices.below(3);
    for (let i = 0; i < count; i++) {
      const property = this.#choices.chance(75) ? this.#property(() => true) : undefined;
      const node = nodes.length === 0 ? undefined : this.#choices.pick(nodes)[0];
      const plain = property?.text ?? (node === undefined ? undefined : `$${node}`);
      if (plain === undefined) continue;
      if (isAggregating && i > 0) break;
      const alias = this.#choices.chance(40) ? `c${i}` : undefined;
      if (alias !== undefined) aliases.push(alias);
      else if (property !== undefined) keys.push(plain);
      projections.push(alias === undefined ? plain : `${plain} as ${alias}`);
    }
    if (isAggregating && this.#choices.chance(35)) {
      projections.length = 0;
      aliases.length = 0;
      keys.length = 0;
    }
    const computed = isAggregating || !this.#choices.chance(50) ? undefined : this.#choices.chance(70) ? this.#ranking() : this.#textPredicate();
    if (computed !== undefined) {
      projections.push(`${computed} as score`);
      aliases.push("score");
    }
    if (isAggregating) for (let i = 0; i < 2; i++) projections.push(this.#aggregate(`g${i}`, nodes, aliases));
    else if (this.#choices.chance(20)) projections.push(this.#choices.pick(["7 as seven", "now()", '"x"', this.#parameter("I64")]));
    if (projections.length === 0) projections.push("1 as one");
    return { projections, aliases, keys, isAggregating };
  }

  #aggregate(alias: string, nodes: readonly [string, string][], aliases: string[]): string {
    aliases.push(alias);
    const node = nodes.length === 0 ? undefined : `$${this.#choices.pick(nodes)[0]}`;
    const numeric = this.#property(({ kind, shape }) => shape === "scalar" && NUMERIC.has(kind))?.text;
    const text = this.#property(({ kind, shape }) => shape === "scalar" && kind === "String")?.text;
    const any = this.#property(() => true)?.text;
    const options = ["count(1)"];
    if (node !== undefined) options.push(`count(${node})`, `min(${node})`, `max(${node})`);
    if (numeric !== undefined) options.push(`sum(${numeric})`, `avg(${numeric})`, `min(${numeric})`, `max(${numeric})`);
    if (text !== undefined) options.push(`min(${text})`, `max(${text})`);
    if (any !== undefined) options.push(`count(${any})`);
    return `${this.#choices.pick(options)} as ${alias}`;
  }

  #orderings(aliases: readonly string[], keys: readonly string[], isAggregating: boolean): string {
    if (!this.#choices.chance(55)) return "";
    const orderings: string[] = [];
    const ranking = this.#choices.chance(35) ? this.#ranking() : undefined;
    if (ranking !== undefined) orderings.push(ranking);
    else if (aliases.includes("score") && this.#choices.chance(50)) orderings.push("score");
    for (let i = 1 + this.#choices.below(2); i > 0; i--) {
      const property = isAggregating ? (keys.length === 0 ? undefined : this.#choices.pick(keys)) : this.#property(() => true)?.text;
      const key = this.#choices.chance(50) && aliases.length > 0 ? this.#choices.pick(aliases) : property;
      if (key !== undefined) orderings.push(`${key}${this.#choices.pick(["", " asc", " desc"])}`);
    }
    return orderings.length === 0 ? "" : ` order { ${orderings.join(", ")} }`;
  }
}

/** T17, T21. */
function needsLimit(order: string, projections: readonly string[]): boolean {
  return /nearest|rrf/.test(order) || (/score/.test(order) && projections.some((projection) => /nearest|rrf/.test(projection)));
}

function textOfTime(value: number | bigint, kind: "Date" | "DateTime"): string {
  const iso = new Date(kind === "Date" ? Number(value) * 86_400_000 : Number(value)).toISOString();
  return kind === "Date" ? iso.slice(0, 10) : iso;
}
