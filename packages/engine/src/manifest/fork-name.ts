const ULID = "[0-9A-HJKMNP-TV-Z]{26}";
const FORK_NAME = new RegExp(`^g(${ULID})_${ULID}$`);

/**
 * Name of a native branch that is about to be created for a branch incarnation (BR-9). Always fresh, so that nothing left over
 * can stand in its way (BR-51), and it says whose it is (BR-5).
 *
 * @param incarnation of the branch that will own it
 * @param ulid fresh
 */
export function forkName(incarnation: string, ulid: string): string {
  return `g${incarnation}_${ulid}`;
}

/** Incarnation of the branch that a native branch was created for; undefined for names that {@link forkName} does not make. */
export function forkOwner(nativeBranch: string): string | undefined {
  return FORK_NAME.exec(nativeBranch)?.[1];
}
