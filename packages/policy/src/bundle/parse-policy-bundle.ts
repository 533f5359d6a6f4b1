import { PolicyBundleError } from "../errors.js";
import { type Place, YamlReader } from "../yaml/yaml-reader.js";
import { checkBundle } from "./check-rules.js";
import type { PolicyBundle, PolicyBundleKind } from "./policy-bundle.js";
import { type DraftRule, readRule } from "./read-rule.js";

export interface ParsePolicyOptions {
  /** What the bundle is bound to. Left out, it is what the bundle says or, if it says nothing, what its rules fit. */
  readonly kind?: PolicyBundleKind;
  /** What the bundle is called in messages: a path or a name. */
  readonly source: string;
}

const KINDS: readonly PolicyBundleKind[] = ["graph", "server"];

/**
 * Reads and checks one policy document (policy specification §3).
 *
 * @throws PolicyBundleError with everything that is wrong, each with its line and column
 */
export function parsePolicyBundle(text: string, { kind: binding, source }: ParsePolicyOptions): PolicyBundle {
  const reader = new YamlReader(text);
  // Text that is not YAML reads as fragments: what they seem to lack is no news.
  if (reader.problems.length > 0) throw new PolicyBundleError(source, reader.problems);
  const members = reader.members(reader.root, ["version", "kind", "groups", "protected_branches", "rules"]);
  checkVersion(reader, members?.get("version"), members === undefined);
  const hint = members?.get("kind");
  const declared = hint === undefined ? undefined : reader.choice(hint, KINDS);
  if (hint !== undefined && declared !== undefined && binding !== undefined && declared !== binding) {
    reader.report(hint, `kind is '${declared}', but the bundle is bound to ${binding === "server" ? "the server" : "a graph"}`);
  }
  const groups = readGroups(reader, members?.get("groups"));
  const protectedBranches = readTexts(reader, members?.get("protected_branches")).map((name) => name.trim());
  const drafts = readRules(reader, members?.get("rules"));
  const kind = binding ?? declared ?? kindThatFits(drafts);
  const rules = checkBundle(reader, drafts, groups, kind);
  if (reader.problems.length > 0) throw new PolicyBundleError(source, reader.problems);
  return { source, kind, groups, protectedBranches: new Set(protectedBranches), rules };
}

/** `version: 1` is required, in bundles and tests files alike. */
export function checkVersion(reader: YamlReader, version: Place | undefined, isFileUnreadable: boolean): void {
  if (isFileUnreadable) return;
  if (version === undefined) reader.report(reader.root, "version is missing; it must be 1");
  else if (reader.scalar(version) !== 1) reader.report(version, "version must be 1");
}

function readGroups(reader: YamlReader, place: Place | undefined): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const entry of place === undefined ? [] : (reader.entries(place) ?? [])) {
    if (entry.key.trim() === "") reader.report({ at: entry.keyNode }, "the name of a group must not be blank");
    if (!entry.key.isWellFormed()) reader.report({ at: entry.keyNode }, "the name of a group is not valid Unicode text");
    const actors = reader.list(entry);
    if (actors?.length === 0) reader.report(entry, `group '${entry.key}' has no actors`);
    groups.set(entry.key, (actors ?? []).flatMap((actor) => reader.text(actor) ?? []));
  }
  return groups;
}

function readTexts(reader: YamlReader, place: Place | undefined): readonly string[] {
  if (place === undefined) return [];
  return (reader.list(place) ?? []).flatMap((item) => reader.text(item) ?? []);
}

function readRules(reader: YamlReader, place: Place | undefined): readonly DraftRule[] {
  if (place === undefined) return [];
  return (reader.list(place) ?? []).flatMap((item) => readRule(reader, item) ?? []);
}

function kindThatFits(drafts: readonly DraftRule[]): PolicyBundleKind {
  const actions = drafts.flatMap(({ actions }) => actions.map(({ action }) => action));
  return actions.length > 0 && actions.every((action) => action === "graph_list") ? "server" : "graph";
}
