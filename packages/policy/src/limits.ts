/** UTF-16 code units of a bundle or a tests file. Some ten thousand rules; more is not a policy somebody reads. */
export const POLICY_TEXT_LENGTH_MAX: number = 1024 * 1024;

/** Problems of one file that are listed. */
export const LISTED_PROBLEMS_MAX = 100;

/** UTF-16 code units of a branch's name that a log line shows; no branch has a longer one. */
export const LOGGED_NAME_LENGTH_MAX = 255;

/** Decisions one compiled policy remembers. Each is an actor, an action and whether the branches are protected: not their names. */
export const REMEMBERED_DECISIONS_MAX = 100_000;
