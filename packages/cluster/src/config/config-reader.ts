import { isScalar } from "yaml";
import { didYouMean } from "@omnigraphdb/compiler";
import { diagnostic, type Diagnostics, type SourcePlace } from "../diagnostics/cluster-diagnostic.js";
import { type ConfigDocument, type ConfigMember, type ConfigNode, isNothing, shown } from "./config-document.js";

/** A value that was read, and where it stands. */
export interface Located<T> {
  readonly value: T;
  /** Dotted key. */
  readonly path: string;
  readonly place: SourcePlace;
}

/** Reads members by name and type. What is wrong is reported as `invalid_cluster_yaml` and reads as undefined; reading goes on. */
export class ConfigReader {
  readonly document: ConfigDocument;
  readonly #diagnostics: Diagnostics;
  /** Dotted keys that an unknown key was taken for. */
  readonly #misspelt = new Set<string>();

  constructor(document: ConfigDocument, diagnostics: Diagnostics) {
    this.document = document;
    this.#diagnostics = diagnostics;
  }

  /** Members of a mapping that may have these and no others. Nothing at all reads as no members. */
  known<Name extends string>(parent: ConfigNode, names: readonly Name[]): ReadonlyMap<Name, ConfigMember> | undefined {
    const members = this.mapping(parent);
    if (members === undefined) return undefined;
    const read = new Map<Name, ConfigMember>();
    for (const member of members) {
      const name = names.find((candidate) => candidate === member.key);
      if (name !== undefined) read.set(name, member);
      else this.#reportUnknown(parent, member, names);
    }
    return read;
  }

  /** Members of a mapping whose keys are of the author's choice. */
  mapping(node: ConfigNode): readonly ConfigMember[] | undefined {
    if (isNothing(node.node)) return [];
    const members = this.document.members(node);
    if (members === undefined) this.#wrong(node, "must be a mapping of keys to values");
    return members;
  }

  list(node: ConfigNode): readonly ConfigNode[] | undefined {
    if (isNothing(node.node)) return [];
    const items = this.document.items(node);
    if (items === undefined) this.#wrong(node, "must be a list");
    return items;
  }

  /** Any text, blank too. */
  text(node: ConfigNode): Located<string> | undefined {
    const value = this.#scalar(node);
    if (typeof value === "string") {
      if (value.isWellFormed()) return this.located(node, value);
      this.#wrong(node, "is not valid Unicode text");
      return undefined;
    }
    this.#wrong(node, typeof value === "number" || typeof value === "boolean" || typeof value === "bigint" ? "must be text; put it in quotes" : `must be text${nothing(node)}`);
    return undefined;
  }

  /** Text that is not blank, without white space around it. */
  filledText(node: ConfigNode): Located<string> | undefined {
    const text = this.text(node);
    if (text === undefined) return undefined;
    if (text.value.trim() !== "") return { ...text, value: text.value.trim() };
    this.#wrong(node, "must not be blank");
    return undefined;
  }

  /** A path of a file. */
  filePath(node: ConfigNode): Located<string> | undefined {
    const path = this.filledText(node);
    if (path === undefined || !path.value.includes("\0")) return path;
    this.#wrong(node, "is no path: it contains a NUL character");
    return undefined;
  }

  flag(node: ConfigNode): Located<boolean> | undefined {
    const value = this.#scalar(node);
    if (typeof value === "boolean") return this.located(node, value);
    this.#wrong(node, `must be true or false${typeof value === "string" ? `, not the text '${shown(value)}'` : nothing(node)}`);
    return undefined;
  }

  integer(node: ConfigNode): Located<number> | undefined {
    const value = this.#scalar(node);
    if (typeof value === "number" && Number.isInteger(value)) return this.located(node, value);
    this.#wrong(node, `must be an integer${nothing(node)}`);
    return undefined;
  }

  /** Whether an unknown key of `parent` was probably meant to be this member, so that it is not missing as well. */
  isMisspelt(parent: ConfigNode, name: string): boolean {
    return this.#misspelt.has(memberPath(parent, name));
  }

  /** Reports that `parent` lacks a member that it must have. */
  missing(parent: ConfigNode, name: string): void {
    if (this.isMisspelt(parent, name)) return;
    const path = memberPath(parent, name);
    this.#report(path, "keyOffset" in parent ? (parent as ConfigMember).keyOffset : parent.offset, `'${path}' is missing; it is required`);
  }

  /** Reports a problem of a value. `problem` continues a sentence that begins with the key. */
  wrong(node: ConfigNode, problem: string): void {
    this.#wrong(node, problem);
  }

  located<T>(node: ConfigNode, value: T): Located<T> {
    return { value, path: node.path, place: this.document.place(node.offset) };
  }

  #wrong(node: ConfigNode, problem: string): void {
    // Aliases were reported as such.
    if (node.node !== null && "source" in node.node && !isScalar(node.node)) return;
    this.#report(node.path, node.offset, `${node.path === "" ? "the file" : `'${node.path}'`} ${problem}`);
  }

  #reportUnknown(parent: ConfigNode, { key, path, keyOffset }: ConfigMember, names: readonly string[]): void {
    if (key === "<<") {
      this.#report(path, keyOffset, "'<<' merges nothing here: merge keys are not used; write the members out");
      return;
    }
    const suggestion = didYouMean(key, names);
    const meant = names.find((name) => suggestion?.includes(`'${name}'`));
    if (meant !== undefined) this.#misspelt.add(memberPath(parent, meant));
    this.#report(path, keyOffset, `unknown key '${shown(key)}'; ${suggestion ?? `known here: ${names.map((name) => `'${name}'`).join(", ")}`}`);
  }

  #scalar({ node }: ConfigNode): unknown {
    return isScalar(node) ? node.value : undefined;
  }

  #report(path: string, offset: number, message: string): void {
    this.#diagnostics.add(diagnostic("invalid_cluster_yaml", path === "" ? "cluster.yaml" : path, message, { place: this.document.place(offset) }));
  }
}

function nothing({ node }: ConfigNode): string {
  return isNothing(node) ? ", but there is no value; give one or remove the key" : "";
}

function memberPath({ path }: ConfigNode, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}
