import type { PlannedChange } from "@omnigraphdb/cluster";
import type { Json } from "@omnigraphdb/common";
import { describeMigrationStep, type MigrationStep, migrationStepToJson } from "@omnigraphdb/compiler";
import { visibleText } from "../cell-text.js";
import type { ClusterStyle } from "./cluster-style.js";
import { wrapText } from "./wrapped-text.js";

/** cluster.md §13.3. */
export function changeDocument(change: PlannedChange): { readonly [key: string]: Json } {
  const { resource, operation, beforeDigest, afterDigest, disposition, reason, isBindingChange, metadataChange, migration } = change;
  return {
    resource,
    operation,
    ...(beforeDigest === undefined ? {} : { before_digest: beforeDigest }),
    ...(afterDigest === undefined ? {} : { after_digest: afterDigest }),
    disposition,
    ...(reason === undefined ? {} : { reason }),
    ...(isBindingChange ? { binding_change: true } : {}),
    ...(metadataChange === undefined ? {} : { metadata_change: metadataChange }),
    ...(migration === undefined ? {} : { migration: { supported: migration.supported, steps: migration.steps.map(migrationStepToJson) } }),
  };
}

/** When the changes are shown: before a run, after one, after one whose effects the ledger does not record. */
export type ChangeMoment = "planned" | "done" | "unrecorded";

/** One line per change, as a diff, and below it what it means (cluster.md §13.4). */
export function changeLines(changes: readonly PlannedChange[], when: ChangeMoment, style: ClusterStyle): readonly string[] {
  return changes.flatMap((change) => [changeLine(change, when, style), ...detailLines(change, style)]);
}

const SIGN = { create: "+", update: "~", delete: "-" } as const;
const VERB = { create: "Create", update: "Update", delete: "Delete" } as const;
const COLOR = { create: "green", update: "yellow", delete: "red" } as const;

function changeLine(change: PlannedChange, when: ChangeMoment, { colors, width }: ClusterStyle): string {
  const { operation, resource } = change;
  const text = `  ${SIGN[operation]} ${VERB[operation]} ${visibleText(resource)}${tags(change, when)}`;
  const remark = contentRemark(change);
  const fits = remark !== "" && text.length + 2 + remark.length <= width;
  return colors[COLOR[operation]](text) + (fits ? `  ${colors.dim(remark)}` : "");
}

const APPLIED: Readonly<Record<ChangeMoment, string>> = { planned: "", done: " [Applied]", unrecorded: " [Not recorded]" };

/** A plan says what will not simply be done; a run says what became of every change. */
function tags({ isBindingChange, metadataChange, disposition, reason }: PlannedChange, when: ChangeMoment): string {
  const kind = `${isBindingChange ? " [bindings]" : ""}${metadataChange === "embedding_profile" ? " [profile]" : ""}`;
  switch (disposition) {
    case "applied":
      return kind + APPLIED[when];
    case "derived":
      return `${kind} [Derived]`;
    case "blocked":
      return `${kind} [Blocked: ${reason}]`;
    case "deferred":
      return `${kind} [Deferred: ${reason}]`;
  }
}

const SHORT_DIGEST = 8;

/** How much of the content changed; where that is not known, digests by which a reviewer can tell it from another one. */
function contentRemark({ disposition, beforeDigest, afterDigest, contentChange }: PlannedChange): string {
  if (contentChange !== undefined) return `(lines: +${contentChange.addedLines} -${contentChange.removedLines})`;
  if (disposition === "derived" || beforeDigest === undefined || afterDigest === undefined || beforeDigest === afterDigest) return "";
  return `${beforeDigest.slice(0, SHORT_DIGEST)} -> ${afterDigest.slice(0, SHORT_DIGEST)}`;
}

const DETAIL = " ".repeat(6);

function detailLines({ migration, operation, disposition, recreatesVanishedGraph }: PlannedChange, { colors, width }: ClusterStyle): readonly string[] {
  const detail = (sign: string, text: string, paint: (text: string) => string): readonly string[] =>
    wrapText(visibleText(text), `${DETAIL}${sign} `, DETAIL.length + 2, `${DETAIL}  `, width).map(paint);
  const lines = migration?.steps.flatMap((step) => detail(stepSign(step), describeMigrationStep(step), stepPaint(step, colors))) ?? [];
  if (migration?.supported === false) lines.push(...detail("!", "not supported: apply will refuse this migration and change nothing of the graph", colors.red));
  if (migration !== undefined && migration.steps.length === 0) lines.push(...detail("=", "no schema changes: comments or layout of the file", colors.dim));
  if (recreatesVanishedGraph && operation === "create" && disposition !== "derived") {
    lines.push(...detail("!", "the storage of this graph is gone: the new graph will be EMPTY. Restore its data first if there is a copy.", (text) => colors.bold(colors.red(text))));
  }
  return lines;
}

function stepSign({ kind }: MigrationStep): string {
  if (kind === "unsupported_change") return "!";
  if (kind.startsWith("add_")) return "+";
  return kind.startsWith("drop_") ? "-" : "~";
}

function stepPaint(step: MigrationStep, colors: ClusterStyle["colors"]): (text: string) => string {
  const sign = stepSign(step);
  return sign === "+" ? colors.green : sign === "~" ? colors.yellow : colors.red;
}
