import { didYouMean } from "@omnigraphdb/compiler";

/** To be appended to a problem: `; did you mean 'x'?`, or nothing when no name is close. */
export function suggestion(word: string, names: Iterable<string>): string {
  const hint = didYouMean(word, names);
  return hint === undefined ? "" : `; ${hint}`;
}
