import { parseDateTimeText } from "@omnigraphdb/compiler";
import { InvalidSnapshotIdError } from "./errors.js";

/**
 * What a snapshot text means (SN-7):
 *
 * - a commit id
 * - `manifest:<branch>:v<n>`: a version of a branch, optionally with a trailing tag
 * - `manifest:<branch>:@<instant>`: the newest version of a branch at that instant
 * - `@<instant>`: the same, of the branch that is read anyway
 */
export type SnapshotId =
  | { readonly kind: "commit"; readonly graphCommitId: string }
  | { readonly kind: "version"; readonly branch: string; readonly version: number }
  /** `branch` undefined: whichever branch the caller reads. */
  | { readonly kind: "instant"; readonly branch: string | undefined; readonly instantMicros: number };

const COMMIT_ID = /^[0-9A-HJKMNP-TV-Z]{26}$/;
const VERSION_ID = /^manifest:([^:]+):v([1-9][0-9]*)(?::.*)?$/;
const INSTANT_ID = /^(?:manifest:([^:]+):)?@(.+)$/;
/** As commits show it: `created_at`, in microseconds. */
const MICROSECONDS = /^\d{16}$/;
const ZONE = /(?:[Zz]|[+-]\d{2}:?\d{2})$/;
/** Digits of a second's fraction beyond milliseconds. */
const FINER_DIGITS = /\.\d{3}(\d{1,3})/;

/** @throws InvalidSnapshotIdError */
export function parseSnapshotId(text: string): SnapshotId {
  const id = findSnapshotId(text);
  if (id === undefined) throw new InvalidSnapshotIdError(text);
  return id;
}

/** Whether a text names a snapshot and no branch. */
export function isSnapshotId(text: string): boolean {
  return findSnapshotId(text) !== undefined;
}

/**
 * Whether a text that may name a branch or a snapshot means a snapshot: no branch has these characters in its name (BR-10), so what
 * has them and is no snapshot id is a wrong one.
 */
export function isSnapshotText(text: string): boolean {
  return isSnapshotId(text) || /[:@]/.test(text);
}

function findSnapshotId(text: string): SnapshotId | undefined {
  if (COMMIT_ID.test(text)) return { kind: "commit", graphCommitId: text };
  const [, branch, version] = VERSION_ID.exec(text) ?? [];
  if (branch !== undefined && version !== undefined) return { kind: "version", branch, version: Number(version) };
  const [, line, instant] = INSTANT_ID.exec(text) ?? [];
  const instantMicros = instant === undefined ? undefined : parseInstant(instant);
  return instantMicros === undefined ? undefined : { kind: "instant", branch: line, instantMicros };
}

/** Microseconds since 1970. Needs a time and a zone: a day alone, or a wall clock somewhere, is no instant. */
function parseInstant(text: string): number | undefined {
  if (MICROSECONDS.test(text)) return Number(text);
  const ms = ZONE.test(text) && /[Tt ]/.test(text) ? parseDateTimeText(text) : undefined;
  if (ms === undefined) return undefined;
  const isLeapSecond = /:60(?:\.|[Zz+-])/.test(text);
  const finer = isLeapSecond ? "" : (FINER_DIGITS.exec(text)?.[1] ?? "");
  return ms * 1000 + Number(finer.padEnd(3, "0"));
}
