import { yamlProblem } from "@omnigraphdb/common";
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument } from "yaml";
import type { PolicyProblem } from "../errors.js";
import { LISTED_PROBLEMS_MAX, POLICY_TEXT_LENGTH_MAX } from "../limits.js";

/** A value in the text, and what messages call it. */
export interface Place {
  readonly name: string;
  /** Null where a member has no value at all: `rules:`. */
  readonly node: Node | null;
  /** Where a problem of the value is shown: at the value, or at its key where there is none. */
  readonly at: Node | null;
}

export interface Entry extends Place {
  readonly key: string;
  readonly keyNode: Node;
}

const ROOT_NAME = "the file";

/**
 * Reads YAML by its positions: every mistake is noted with its place, and reading goes on, so that all of them are found at once.
 * What is wrong reads as undefined.
 */
export class YamlReader {
  readonly #document: Document;
  readonly #lines: LineCounter = new LineCounter();
  readonly #problems: PolicyProblem[] = [];

  constructor(text: string) {
    const isTooLong = text.length > POLICY_TEXT_LENGTH_MAX;
    // At level "silent" the library overlooks a second document.
    this.#document = parseDocument(isTooLong ? "" : text, { lineCounter: this.#lines, prettyErrors: false, logLevel: "error" });
    if (isTooLong) this.#report(0, `the file is longer than ${POLICY_TEXT_LENGTH_MAX} characters`);
    for (const error of this.#document.errors) this.#report(error.pos[0], yamlProblem(error));
  }

  /** The first hundred that were found, in the order of the text. */
  get problems(): readonly PolicyProblem[] {
    return [...this.#problems].sort((a, b) => a.line - b.line || a.column - b.column);
  }

  get root(): Place {
    return { name: ROOT_NAME, node: this.#document.contents, at: null };
  }

  report({ at }: Pick<Place, "at">, message: string): void {
    this.#report(at?.range?.[0] ?? 0, message);
  }

  /** Members of a mapping that may have these members and no others. */
  members<Name extends string>(place: Place, known: readonly Name[]): ReadonlyMap<Name, Entry> | undefined {
    const entries = this.entries(place);
    if (entries === undefined) return undefined;
    const members = new Map<Name, Entry>();
    for (const entry of entries) {
      const name = known.find((candidate) => candidate === entry.key);
      if (name === undefined) this.report({ at: entry.keyNode }, `unknown member '${entry.key}'; ${place.name} has ${known.join(", ")}`);
      else members.set(name, entry);
    }
    return members;
  }

  /** Members of a mapping with keys of the author's choice. */
  entries(place: Place): readonly Entry[] | undefined {
    const node = this.#resolve(place.node);
    if (!isMap(node)) {
      this.report(place, `${place.name} must be a mapping${nothingThere(node)}`);
      return undefined;
    }
    return node.items.flatMap((pair) => this.#entry(place, pair as Pair<Node, Node | null>));
  }

  list(place: Place): readonly Place[] | undefined {
    const node = this.#resolve(place.node);
    if (!isSeq(node)) {
      this.report(place, `${place.name} must be a list${nothingThere(node)}`);
      return undefined;
    }
    return node.items.map((item, index) => ({ name: `${place.name}[${index}]`, node: item as Node | null, at: (item as Node | null) ?? place.at }));
  }

  /** Text that is not blank. */
  text(place: Place): string | undefined {
    const value = this.scalar(place);
    if (typeof value !== "string") {
      const isQuotable = typeof value === "number" || typeof value === "boolean";
      this.report(place, `${place.name} must be text${isQuotable ? "; put it in quotes" : ""}`);
      return undefined;
    }
    if (value.trim() === "") {
      this.report(place, `${place.name} must not be blank`);
      return undefined;
    }
    if (!value.isWellFormed()) {
      this.report(place, `${place.name} is not valid Unicode text`);
      return undefined;
    }
    return value;
  }

  choice<Choice extends string>(place: Place, choices: readonly Choice[]): Choice | undefined {
    const value = this.scalar(place);
    const choice = choices.find((candidate) => candidate === value);
    if (choice === undefined) this.report(place, `${place.name} must be one of ${choices.join(", ")}${typeof value === "string" ? `, not '${value}'` : ""}`);
    return choice;
  }

  scalar({ node }: Place): unknown {
    const resolved = this.#resolve(node);
    return isScalar(resolved) ? resolved.value : undefined;
  }

  #entry(place: Place, { key, value }: Pair<Node, Node | null>): readonly Entry[] {
    const name = isScalar(key) ? key.value : undefined;
    if (typeof name !== "string") {
      this.report({ at: key }, `a member of ${place.name} must have a name that is text; put it in quotes`);
      return [];
    }
    return [{ key: name, keyNode: key, name: place.name === ROOT_NAME ? name : `${place.name}.${name}`, node: value, at: value?.range === undefined || isEmpty(value) ? key : value }];
  }

  #resolve(node: Node | null): Node | null | undefined {
    return isAlias(node) ? node.resolve(this.#document) : node;
  }

  #report(offset: number, message: string): void {
    if (this.#problems.length >= LISTED_PROBLEMS_MAX) return;
    const { line, col } = this.#lines.linePos(offset);
    this.#problems.push({ message, line: Math.max(line, 1), column: Math.max(col, 1) });
  }
}

function isEmpty(node: Node): boolean {
  return isScalar(node) && node.value === null;
}

function nothingThere(node: Node | null | undefined): string {
  if (node === undefined) return ", but no anchor has the name of the alias";
  return node === null || isEmpty(node) ? ", but there is no value" : "";
}
