import { parsePolicyBundle, PolicyBundleError, type PolicyBundleKind } from "@omnigraphdb/policy";
import { didYouMean } from "@omnigraphdb/compiler";
import { diagnostic, type Diagnostics } from "../../diagnostics/cluster-diagnostic.js";
import { isResourceName, RESOURCE_NAME_RULE } from "../../resource-address.js";
import type { DeclaredPolicy } from "../cluster-file.js";
import { shown } from "../config-document.js";
import type { Located } from "../config-reader.js";
import { isUsable, placeIn, type SourceFile, type UnusableSource } from "../source-files.js";

/** A policy as the ledger will know it. */
export interface CheckedPolicy {
  readonly declared: DeclaredPolicy;
  readonly source: SourceFile;
  /** `cluster` or `graph.<id>`, ascending, each once. */
  readonly appliesTo: readonly string[];
}

/**
 * Checks policies one after the other (cluster.md §2.7). Cedar is not asked: it accepts whatever the parser of bundles accepts, and
 * loading it takes longer than checking a whole configuration.
 */
export class PolicyChecks {
  readonly #graphIds: ReadonlySet<string>;
  readonly #diagnostics: Diagnostics;
  readonly #ownerOfTarget = new Map<string, DeclaredPolicy>();
  /** Bundles that were checked, by binding and file; and texts that were accepted, by binding and text. */
  readonly #checked = new Set<string>();

  /** @param graphIds every declared one, also those with problems of their own */
  constructor(graphIds: ReadonlySet<string>, diagnostics: Diagnostics) {
    this.#graphIds = graphIds;
    this.#diagnostics = diagnostics;
  }

  /** @returns the policy as far as it could be read: complete unless an error was added */
  check(policy: DeclaredPolicy, source: SourceFile | UnusableSource | undefined): CheckedPolicy | undefined {
    if (!isResourceName(policy.id)) this.#report("invalid_resource_id", policy, `'${shown(policy.id)}' cannot name a policy. ${RESOURCE_NAME_RULE}`);
    const targets = policy.appliesTo === undefined ? undefined : this.#targets(policy, policy.appliesTo);
    if (source === undefined || policy.file === undefined) return undefined;
    const read = this.#readable(policy.file, source);
    if (read === undefined) return undefined;
    this.#checkBundle(policy.file, read, kindOf(targets ?? []));
    return { declared: policy, source: read, appliesTo: targets ?? [] };
  }

  #targets(policy: DeclaredPolicy, declared: readonly Located<string>[]): readonly string[] {
    if (declared.length === 0) this.#report("policy_missing_applies_to", { path: `${policy.path}.applies_to`, place: policy.place }, `policy '${shown(policy.id)}' does not say what it applies to; list 'cluster', or ids of graphs, under 'applies_to'`);
    const placeOfTarget = new Map<string, Located<string>>();
    for (const entry of declared) {
      const target = this.#target(entry);
      if (target !== undefined && !placeOfTarget.has(target)) placeOfTarget.set(target, entry);
    }
    const targets = [...placeOfTarget.keys()].sort();
    if (targets.length > 1 && targets.includes("cluster")) {
      const entry = placeOfTarget.get("cluster") ?? policy;
      this.#report("policy_mixed_binding_kinds", entry, `policy '${shown(policy.id)}' is bound to the cluster and to ${targets.filter((target) => target !== "cluster").map((target) => `'${target}'`).join(", ")}; split it into two bundles`);
    }
    for (const [target, entry] of placeOfTarget) {
      const owner = this.#ownerOfTarget.get(target);
      if (owner === undefined) this.#ownerOfTarget.set(target, policy);
      else this.#report("duplicate_policy_binding", entry, `'${target}' is bound to policy '${shown(owner.id)}' and to policy '${shown(policy.id)}'; at most one bundle decides for it, so merge the two`);
    }
    return targets;
  }

  /** A bare id is short for `graph.<id>` (cluster.md 2.7.1). */
  #target(entry: Located<string>): string | undefined {
    if (entry.value === "cluster") return entry.value;
    const graphId = entry.value.startsWith("graph.") ? entry.value.slice("graph.".length) : entry.value;
    if (graphId.includes(".") || graphId === "") {
      this.#report("wrong_kind_reference", entry, `'${shown(entry.value)}' is neither 'cluster' nor a graph; policies apply to nothing else`);
      return undefined;
    }
    if (this.#graphIds.has(graphId)) return `graph.${graphId}`;
    const suggestion = didYouMean(graphId, ["cluster", ...this.#graphIds]);
    this.#report("dangling_graph_reference", entry, `no graph '${shown(graphId)}' is declared; ${suggestion ?? "declare it under 'graphs', or correct the id"}`);
    return undefined;
  }

  #readable(file: Located<string>, source: SourceFile | UnusableSource): SourceFile | undefined {
    if (isUsable(source)) return source;
    const { reason, problem } = source.unusable;
    if (reason === "not_text") this.#diagnostics.add(diagnostic("policy_invalid", file.path, `policy bundle ${source.path} ${problem}`, { place: placeIn(source) }));
    else this.#report("policy_file_missing", file, `policy bundle ${source.path} ${problem}; create it or correct the path`);
    return undefined;
  }

  #checkBundle(declared: Located<string>, source: SourceFile, kind: PolicyBundleKind | undefined): void {
    const [fileKey, textKey] = [`${kind ?? ""} file ${source.file}`, `${kind ?? ""} text ${source.digest}`];
    if (this.#checked.has(fileKey) || this.#checked.has(textKey)) return;
    this.#checked.add(fileKey);
    try {
      parsePolicyBundle(source.text, { source: source.path, ...(kind === undefined ? {} : { kind }) });
      this.#checked.add(textKey);
    } catch (error) {
      if (!(error instanceof PolicyBundleError)) throw error;
      for (const { message, line, column } of error.problems) this.#diagnostics.add(diagnostic("policy_invalid", declared.path, message, { place: { file: source.file, line, column } }));
    }
  }

  #report(code: Parameters<typeof diagnostic>[0], { path, place }: Pick<Located<unknown>, "path" | "place">, message: string): void {
    this.#diagnostics.add(diagnostic(code, path, message, { place }));
  }
}

/** Undefined where the binding is not known: then the bundle is held against what its own rules fit. */
function kindOf(targets: readonly string[]): PolicyBundleKind | undefined {
  if (targets.length === 0) return undefined;
  if (!targets.includes("cluster")) return "graph";
  return targets.length === 1 ? "server" : undefined;
}
