/** An argument list in today's spelling, and the notice to print when it was rewritten. */
export interface Rewritten {
  readonly argv: readonly string[];
  readonly notice: string | undefined;
}

/** Maps the older command words of §11.1 to today's. Looks only at the first two arguments. */
export function rewriteDeprecated(argv: readonly string[]): Rewritten {
  const [first = "", second = ""] = argv;
  if (first === "query" && (second === "lint" || second === "check")) return renamed(argv, 2, `${first} ${second}`, "lint");
  if (first === "schema" && second === "get") return { argv: ["schema", "show", ...argv.slice(2)], notice: undefined };
  const today = RENAMED.get(first);
  return today === undefined ? { argv, notice: undefined } : renamed(argv, 1, first, today);
}

const RENAMED: ReadonlyMap<string, string> = new Map([
  ["read", "query"],
  ["change", "mutate"],
  ["check", "lint"],
]);

function renamed(argv: readonly string[], wordCount: number, old: string, today: string): Rewritten {
  return { argv: [today, ...argv.slice(wordCount)], notice: `'${old}' is deprecated; use '${today}'` };
}
