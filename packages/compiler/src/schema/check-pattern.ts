import { createRequire } from "node:module";

type Re2 = typeof import("re2js");

let loaded: Re2 | undefined;

/** Loaded with the first pattern: most schemas have none. */
function loadRe2(): Re2 {
  loaded ??= createRequire(import.meta.url)("re2js") as Re2;
  return loaded;
}

/** A compiled `@check` pattern (§19.6). Matching takes time linear in the text. */
export interface CheckPattern {
  /** Whether the pattern occurs anywhere in `text`. */
  matches(text: string): boolean;
}

/** Compiles an RE2 pattern, or says why it is none (P45). */
export function compileCheckPattern(pattern: string): CheckPattern | { readonly problem: string } {
  try {
    const compiled = loadRe2().RE2JS.compile(pattern);
    return { matches: (text) => compiled.matcher(text).find() };
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
}
