import { yamlProblem } from "@omnigraphdb/common";
import { isAlias, isMap, isNode, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, visit, type YAMLMap } from "yaml";
import { OperatorConfigError } from "./errors.js";

/** One YAML file, and where in it its nodes stand. */
interface Source {
  readonly path: string;
  readonly lines: LineCounter;
  readonly resolve: (node: unknown) => unknown;
  /** Plain values. Throws when aliases expand without bound. */
  readonly plain: (node: Node) => unknown;
}

/** A mapping of the configuration. Readers give undefined for a key that is absent or empty, and throw {@link OperatorConfigError} with line and column for a value of the wrong type. */
export class ConfigMapping {
  /** Dotted, empty at the top. */
  readonly key: string;
  readonly #source: Source;
  readonly #node: YAMLMap | undefined;

  constructor(source: Source, key: string, node: YAMLMap | undefined) {
    this.key = key;
    this.#source = source;
    this.#node = node;
  }

  get names(): readonly string[] {
    return this.#pairs().map(([name]) => name);
  }

  string(name: string): string | undefined {
    const found = this.#find(name);
    if (found === undefined) return undefined;
    const value = scalarOf(found);
    if (typeof value !== "string") throw this.#wrong(name, found, "a string");
    if (value.trim() === "") throw this.#wrong(name, found, "a string that is not blank");
    return value;
  }

  requiredString(name: string): string {
    const value = this.string(name);
    if (value === undefined) throw this.problem(`'${this.#dotted(name)}' is missing`);
    return value;
  }

  /** From `min` on. */
  integer(name: string, min: number): number | undefined {
    const found = this.#find(name);
    if (found === undefined) return undefined;
    const value = scalarOf(found);
    const count = typeof value === "bigint" ? Number(value) : Number.NaN;
    if (!Number.isSafeInteger(count) || count < min) throw this.#wrong(name, found, `an integer from ${min} on`);
    return count;
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const found = this.#find(name);
    if (found === undefined) return undefined;
    const value = choices.find((choice) => choice === scalarOf(found));
    if (value === undefined) throw this.#wrong(name, found, `one of ${choices.join(", ")}`);
    return value;
  }

  strings(name: string): readonly string[] {
    const found = this.#find(name);
    if (found === undefined) return [];
    if (!isSeq(found)) throw this.#wrong(name, found, "a list of strings");
    return found.items.map((item) => {
      const value = scalarOf(this.#source.resolve(item));
      if (typeof value !== "string") throw this.#wrong(name, found, "a list of strings");
      return value;
    });
  }

  /** Empty when absent. */
  mapping(name: string): ConfigMapping {
    const found = this.#find(name);
    if (found !== undefined && !isMap(found)) throw this.#wrong(name, found, "a mapping");
    return new ConfigMapping(this.#source, this.#dotted(name), found);
  }

  /** Members with names of ours, each a mapping. */
  members(name: string): readonly (readonly [string, ConfigMapping])[] {
    const section = this.mapping(name);
    return section.names.map((member) => [member, section.mapping(member)]);
  }

  /** A mapping from any keys to any values: plain values, integers as `bigint`, keys that are no strings set apart. */
  values(name: string): { readonly values: ReadonlyMap<string, unknown>; readonly otherKeys: readonly string[] } {
    const section = this.mapping(name);
    const values = new Map<string, unknown>();
    const otherKeys: string[] = [];
    for (const { key, value } of section.#node?.items ?? []) {
      const given = scalarOf(key);
      if (typeof given === "string") values.set(given, section.#plain(value));
      else otherKeys.push(String(given));
    }
    return { values, otherKeys };
  }

  problem(text: string): OperatorConfigError {
    return new OperatorConfigError(this.#placeOf(this.#node), text);
  }

  #plain(value: unknown): unknown {
    if (!isNode(value)) return null;
    try {
      return this.#source.plain(value);
    } catch (cause) {
      throw new OperatorConfigError(this.#placeOf(value), "the aliases of the value expand without bound", cause);
    }
  }

  #find(name: string): Node | undefined {
    const found = this.#pairs().find(([given]) => given === name)?.[1];
    return found === undefined || (isScalar(found) && found.value === null) ? undefined : found;
  }

  #pairs(): readonly (readonly [string, Node | undefined])[] {
    const pairs = (this.#node?.items ?? []) as readonly Pair[];
    return pairs.map(({ key, value }) => [String(scalarOf(key)), (this.#source.resolve(value) ?? undefined) as Node | undefined]);
  }

  #dotted(name: string): string {
    return this.key === "" ? name : `${this.key}.${name}`;
  }

  #wrong(name: string, node: Node, expected: string): OperatorConfigError {
    return new OperatorConfigError(this.#placeOf(node), `'${this.#dotted(name)}' must be ${expected}`);
  }

  #placeOf(node: Node | undefined): string {
    const offset = node?.range?.[0];
    if (offset === undefined) return this.#source.path;
    const { line, col } = this.#source.lines.linePos(offset);
    return `${this.#source.path}:${line}:${col}`;
  }
}

/** @throws OperatorConfigError when the text is not YAML, or not a mapping */
export function parseConfigMapping(path: string, text: string): ConfigMapping {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, intAsBigInt: true });
  const [error] = document.errors;
  if (error !== undefined) {
    const { line, col } = lines.linePos(error.pos[0]);
    throw new OperatorConfigError(`${path}:${line}:${col}`, yamlProblem(error));
  }
  visit(document, {
    Alias(_key, alias, ancestors) {
      // An alias can name earlier anchors only, so a cycle leads to one of its own ancestors.
      if (!ancestors.some((ancestor) => ancestor === alias.resolve(document))) return;
      const { line, col } = lines.linePos(alias.range?.[0] ?? 0);
      throw new OperatorConfigError(`${path}:${line}:${col}`, "the value refers to itself");
    },
  });
  const source: Source = {
    path,
    lines,
    resolve: (node) => (isAlias(node) ? node.resolve(document) : node),
    plain: (node) => node.toJS(document, { maxAliasCount: 100 }) as unknown,
  };
  const { contents } = document;
  if (contents !== null && !isMap(contents) && !(isScalar(contents) && contents.value === null)) {
    throw new OperatorConfigError(`${path}:1:1`, "the file must be a mapping of keys to values");
  }
  return new ConfigMapping(source, "", isMap(contents) ? contents : undefined);
}

function scalarOf(node: unknown): unknown {
  return isScalar(node) ? node.value : undefined;
}
