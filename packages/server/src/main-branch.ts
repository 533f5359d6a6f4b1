/** What a request means that names no branch. */
export const MAIN_BRANCH = "main";
