import { yamlProblem } from "@omnigraphdb/common";
import { type Document, isAlias, isMap, isScalar, isSeq, LineCounter, type Node, type Pair, parseDocument, type YAMLMap } from "yaml";
import type { SourcePlace } from "../diagnostics/cluster-diagnostic.js";
import { SHOWN_TEXT_MAX } from "./config-limits.js";

/** A value of the file, with the key that leads to it. */
export interface ConfigNode {
  /** Dotted key: `graphs.orders.schema`, `policies.team.applies_to[0]`; empty for the whole file. */
  readonly path: string;
  /** Null where nothing stands behind a key. */
  readonly node: Node | null;
  /** Where findings about the value point: at the value, or at its key where there is none. */
  readonly offset: number;
}

/** A member of a mapping. */
export interface ConfigMember extends ConfigNode {
  readonly key: string;
  readonly keyOffset: number;
}

/** A mistake of the text itself, which makes the rest unreliable. */
export interface SyntaxProblem {
  readonly offset: number;
  readonly message: string;
}

/**
 * One YAML document by its positions. Anchors, aliases, merge keys, tags and directives are refused rather than resolved: in a file that
 * people review, what a line says must stand there, and so nothing can be expanded without bound.
 */
export class ConfigDocument {
  readonly file: string;
  readonly #document: Document;
  readonly #lines = new LineCounter();

  constructor(file: string, text: string) {
    this.file = file;
    // Repeated keys are found by us, with both places. At level "silent" the library overlooks a second document.
    this.#document = parseDocument(text, { lineCounter: this.#lines, prettyErrors: false, logLevel: "error", uniqueKeys: false });
  }

  get root(): ConfigNode {
    return { path: "", node: this.#document.contents, offset: this.#document.contents?.range?.[0] ?? 0 };
  }

  /** In the order of the text. */
  get syntaxProblems(): readonly SyntaxProblem[] {
    const { yaml } = this.#document.directives ?? {};
    const directive = yaml?.explicit === true && yaml.version !== "1.2" ? [{ offset: 0, message: `the file declares YAML ${yaml.version}; it is read as YAML 1.2, so remove the directive` }] : [];
    const errors = this.#document.errors.map((error) => ({ offset: error.pos[0], message: yamlProblem(error) }));
    return [...directive, ...errors].sort((a, b) => a.offset - b.offset);
  }

  place(offset: number): SourcePlace {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.file, line: Math.max(line, 1), column: Math.max(col, 1) };
  }

  /** All members in the order of the text, repeated ones too; undefined for anything but a mapping. */
  members({ path, node }: ConfigNode): readonly ConfigMember[] | undefined {
    return isMap(node) ? node.items.flatMap((pair) => memberOf(path, pair as Pair<Node, Node | null>)) : undefined;
  }

  items({ path, node, offset }: ConfigNode): readonly ConfigNode[] | undefined {
    if (!isSeq(node)) return undefined;
    return node.items.map((item, index) => ({ path: `${path}[${index}]`, node: item as Node | null, offset: (item as Node | null)?.range?.[0] ?? offset }));
  }

  /** Every mapping of the file, outer before inner, in the order of the text. Does not recurse: files can be nested deeply. */
  *mappings(): Generator<ConfigNode> {
    for (const found of this.#walk()) if (isMap(found.node)) yield found;
  }

  /** What YAML has and this file must not use, in the order of the text. */
  unsupportedFeatures(): readonly { readonly path: string; readonly offset: number; readonly message: string }[] {
    return [...this.#walk()].flatMap(({ path, node, offset }) => {
      const found = (message: string): { path: string; offset: number; message: string } => ({ path, offset, message });
      if (isAlias(node)) return [found(`the alias *${shown(node.source)} is not resolved; write the value out`)];
      const map = isMap(node) ? oddKeys(path, node) : [];
      const anchor = node !== null && "anchor" in node && node.anchor !== undefined ? [found(`the anchor &${shown(node.anchor)} has no use here: aliases are not resolved; remove it`)] : [];
      const tag = node?.tag !== undefined ? [found(`the tag ${shown(node.tag)} is not used; remove it`)] : [];
      return [...anchor, ...tag, ...map];
    });
  }

  *#walk(): Generator<ConfigNode> {
    const pending: ConfigNode[] = [this.root];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      yield next;
      const children = this.members(next) ?? this.items(next) ?? [];
      for (let index = children.length - 1; index >= 0; index--) {
        const child = children[index];
        if (child !== undefined) pending.push(child);
      }
    }
  }
}

/** A text of the file, short enough for a message and on one line. */
export function shown(text: string): string {
  const line = text.replaceAll(/[\u0000-\u001f\u007f\u2028\u2029]+/g, " ");
  return line.length <= SHOWN_TEXT_MAX ? line : `${line.slice(0, SHOWN_TEXT_MAX)}…`;
}

/** Whether nothing stands behind a key: `graphs:`. */
export function isNothing(node: Node | null): boolean {
  return node === null || (isScalar(node) && node.value === null);
}

function memberOf(path: string, { key, value }: Pair<Node, Node | null>): readonly ConfigMember[] {
  const name = keyText(key);
  if (name === undefined) return [];
  const keyOffset = key.range?.[0] ?? 0;
  const offset = value === null || isNothing(value) ? keyOffset : (value.range?.[0] ?? keyOffset);
  return [{ key: name, keyOffset, path: path === "" ? shown(name) : `${path}.${shown(name)}`, node: value, offset }];
}

/** Ids may look like numbers: `2024` is one as it is written. */
function keyText(key: Node): string | undefined {
  if (!isScalar(key)) return undefined;
  return typeof key.value === "string" ? key.value : (key.source ?? "");
}

function oddKeys(path: string, { items }: YAMLMap): readonly { path: string; offset: number; message: string }[] {
  return items.flatMap((pair) => {
    const { key } = pair as Pair<Node, Node | null>;
    const offset = key.range?.[0] ?? 0;
    if (isAlias(key) || !isScalar(key)) return [{ path, offset, message: "a key must be plain text" }];
    const tag = key.tag === undefined ? [] : [{ path, offset, message: `the tag ${shown(key.tag)} is not used; remove it` }];
    const anchor = key.anchor === undefined ? [] : [{ path, offset, message: `the anchor &${shown(key.anchor)} has no use here: aliases are not resolved; remove it` }];
    return [...anchor, ...tag];
  });
}
