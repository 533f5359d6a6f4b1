import type { Observation, ResourceStatus, StateObservations } from "@omnigraphdb/cluster";
import type { Json } from "@omnigraphdb/common";
import { visibleText } from "../cell-text.js";
import { counted } from "./counted.js";
import type { ClusterStyle } from "./cluster-style.js";
import { wrapText } from "./wrapped-text.js";

/** `state_observations` of cluster.md §13.1. */
export function stateDocument(state: StateObservations): { readonly [key: string]: Json } {
  return {
    state_path: state.statePath,
    lock_path: state.lockPath,
    state_found: state.stateFound,
    ...known("applied_config_digest", state.appliedConfigDigest),
    state_revision: state.stateRevision,
    ...known("state_cas", state.stateCas),
    resource_count: state.resourceCount,
    locked: state.locked,
    ...known("lock_id", state.lockId),
    lock_acquired: state.lockAcquired,
    ...known("acquired_lock_id", state.acquiredLockId),
    ...known("lock_operation", state.lockOperation),
    ...known("lock_created_at", state.lockCreatedAt),
    ...known("lock_pid", state.lockPid),
    ...known("lock_age_seconds", state.lockAgeSeconds),
  };
}

/** A member that is omitted when it is unknown. */
export function known<Value extends Json>(name: string, value: Value | undefined): { readonly [key: string]: Value } {
  return value === undefined ? {} : { [name]: value };
}

/** Ascending by address, as they come. */
export function digestsDocument(digests: ReadonlyMap<string, string>): { readonly [address: string]: string } {
  return Object.fromEntries(digests);
}

/** Members of cluster.md §6.3, empty ones omitted. */
export function statusesDocument(statuses: ReadonlyMap<string, ResourceStatus>): { readonly [address: string]: Json } {
  return Object.fromEntries([...statuses].map(([address, { status, conditions, message }]) => [
    address,
    { status, ...(conditions === undefined || conditions.length === 0 ? {} : { conditions: [...conditions] }), ...known("message", message) },
  ]));
}

/** As the ledger has them (cluster.md §6.4). */
export function observationsDocument(observations: ReadonlyMap<string, Observation>): { readonly [address: string]: Json } {
  return Object.fromEntries(observations);
}

/** A command that looked at what is recorded. */
interface Looked {
  readonly isOk: boolean;
  readonly diagnostics: readonly { readonly code: string }[];
}

/** `revision 4, 7 resources`, or that nothing is recorded. Of a command that failed nobody knows whether nothing is. */
export function revisionText({ stateFound, stateRevision, resourceCount }: StateObservations, { isOk }: Pick<Looked, "isOk">): string {
  if (stateFound) return `revision ${stateRevision}, ${counted(resourceCount, "resource")}`;
  return isOk ? "nothing recorded yet" : "no record that can be used";
}

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** Colour of the value. */
  readonly paint?: (text: string) => string;
}

/** Who is at work. */
export function lockFact(state: StateObservations, { colors }: ClusterStyle, { diagnostics }: Pick<Looked, "diagnostics">): Fact {
  const { lockId, lockOperation, lockPid, lockAgeSeconds: age } = state;
  if (diagnostics.some(({ code }) => code === "state_lock_read_error")) return { name: "lock", value: "unknown", paint: colors.yellow };
  if (lockId === undefined) return state.locked ? { name: "lock", value: "held, and unreadable", paint: colors.yellow } : { name: "lock", value: "free" };
  const since = age === undefined ? "" : ` for ${ageText(age)}`;
  return { name: "lock", value: `held by ${lockOperation ?? "a command"}${since} (lock ${lockId}, process ${lockPid ?? "unknown"})`, paint: colors.yellow };
}

const SHORT_DIGEST = 12;

/** Enough of a digest to compare it by eye, with what it begins with: `sha256:77ab…`. */
export function shortDigest(digest: string): string {
  const at = digest.indexOf(":") + 1;
  return `${digest.slice(0, at + SHORT_DIGEST)}…`;
}

const UNITS: readonly (readonly [name: string, seconds: number])[] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
  ["second", 1],
];

function ageText(seconds: number): string {
  const [name, size] = UNITS.find(([, unit]) => seconds >= unit) ?? ["second", 1];
  return counted(Math.floor(seconds / size), name);
}

/** `  name: value` with the values in one column. */
export function factLines(facts: readonly Fact[], { width }: ClusterStyle): readonly string[] {
  const indent = Math.max(...facts.map(({ name }) => name.length)) + 4;
  return facts.flatMap(({ name, value, paint = (text) => text }) => {
    const [first = "", ...rest] = wrapText(visibleText(value), "", indent, " ".repeat(indent), width);
    return [`${`  ${name}:`.padEnd(indent)}${paint(first)}`, ...rest.map(paint)];
  });
}
