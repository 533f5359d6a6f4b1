/**
 * Names of graph branches (BR-10 … BR-14). They live in the registry only: nothing on disk is ever called after one (BR-9).
 */
import { InternalBranchError, InvalidBranchNameError } from "./errors.js";
import { MAIN_BRANCH } from "./manifest.js";

/** Registered while somebody applies a schema, and never readable or writable (SA-1, BR-11). */
export const SCHEMA_LOCK_BRANCH = "__schema_apply_lock__";

/** Characters that name no object portably, or that separate the parts of a snapshot id (SN-7). */
const UNUSABLE_CHARACTER = /[\p{Cc}\\:*?"<>|@]/u;
const NAME_LENGTH_MAX = 255;

export function isInternalBranch(name: string): boolean {
  return name === SCHEMA_LOCK_BRANCH;
}

/** @throws InternalBranchError when a public operation names a branch of the engine (BR-12) */
export function refuseInternal(operation: string, name: string): void {
  if (isInternalBranch(name)) throw new InternalBranchError(`${operation} does not allow internal system ref '${name}'`);
}

/**
 * The name of a branch to be created, trimmed.
 *
 * @throws InvalidBranchNameError (BR-10, BR-14)
 */
export function validateBranchName(text: string): string {
  const name = text.trim();
  if (name === "") throw new InvalidBranchNameError("branch name cannot be empty");
  const problem = findProblem(name);
  if (problem !== undefined) throw new InvalidBranchNameError(`invalid branch name '${name}': ${problem}`, "Use letters, digits, '-', '_', '.' and '/'.");
  return name;
}

function findProblem(name: string): string | undefined {
  if (name.length > NAME_LENGTH_MAX) return `it is longer than ${NAME_LENGTH_MAX} characters`;
  const character = UNUSABLE_CHARACTER.exec(name)?.[0];
  if (character !== undefined) return `it contains ${JSON.stringify(character)}`;
  if (!name.isWellFormed()) return "it is not valid Unicode text";
  if (name.startsWith("/") || name.endsWith("/")) return "it begins or ends with '/'";
  const segments = name.split("/");
  if (segments.includes("")) return "it contains '//'";
  if (name.includes("..")) return "it contains '..'";
  if (segments.includes(".")) return "a part of it is '.'";
  return undefined;
}

/** The existing name that `name` is a path prefix of, or the other way round: `review` and `review/2026-07` (BR-13). */
export function findPathConflict(name: string, existing: Iterable<string>): string | undefined {
  for (const other of existing) {
    if (other.startsWith(`${name}/`) || name.startsWith(`${other}/`)) return other;
  }
  return undefined;
}

/** Names as they are listed: `main` first, then ascending; internal ones only on demand (BR-30). */
export function sortBranchNames(names: Iterable<string>, options: { readonly includeInternal: boolean }): readonly string[] {
  const others = [...names].filter((name) => name !== MAIN_BRANCH && (options.includeInternal || !isInternalBranch(name)));
  return [MAIN_BRANCH, ...others.sort()];
}
