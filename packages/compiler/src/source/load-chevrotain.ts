import { createRequire } from "node:module";
import { dirname, join } from "node:path";

/** The parser toolkit's module, as a value that is loaded on first use. */
export type Chevrotain = typeof import("chevrotain");

let loaded: Chevrotain | undefined;

/**
 * Loads the toolkit when the first source is parsed, so that importing the compiler costs nothing.
 *
 * The package's entry point pulls in several hundred small files (about 250 ms cold); it also ships the same code as
 * one bundle (about 10 ms), which its `exports` do not name. A release without the bundle still works, slowly.
 */
export function loadChevrotain(): Chevrotain {
  if (loaded === undefined) {
    const require = createRequire(import.meta.url);
    const entry = require.resolve("chevrotain");
    try {
      loaded = require(join(dirname(entry), "..", "chevrotain.min.mjs")) as Chevrotain;
    } catch {
      loaded = require(entry) as Chevrotain;
    }
  }
  return loaded;
}
