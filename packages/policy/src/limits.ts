/** UTF-16 code units of a bundle or a tests file. Some ten thousand rules; more is not a policy somebody reads. */
export const POLICY_TEXT_LENGTH_MAX: number = 1024 * 1024;

/** Problems of one file that are listed. */
export const LISTED_PROBLEMS_MAX = 100;

/** Decisions one compiled policy remembers. Each is an actor, an action and whether the branches are protected: not their names. */
export const REMEMBERED_DECISIONS_MAX = 100_000;
