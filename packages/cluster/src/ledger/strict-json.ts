import { JsonShapeError } from "../storage/json-shape.js";

/**
 * Reads JSON in which no object has two members of one name: which of the two counts, every reader decides for itself.
 *
 * @throws SyntaxError for what is no JSON, JsonShapeError naming a member that stands there twice
 */
export function parseStrictJson(text: string): unknown {
  const value: unknown = JSON.parse(text);
  const repeated = findRepeatedMember(text);
  if (repeated !== undefined) throw new JsonShapeError(repeated, "stands there twice");
  return value;
}

/** What structure is made of; a string as a whole. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\],]/g;

/** @param text is JSON */
function findRepeatedMember(text: string): string | undefined {
  /** Names of the objects around the place, outermost first; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let isNameNext = false;
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") open.push(token === "{" ? new Set() : undefined);
    else if (token === "}" || token === "]") open.pop();
    else if (isNameNext && token !== ",") {
      const name = JSON.parse(token) as string;
      const names = open.at(-1);
      if (names?.has(name) === true) return name;
      names?.add(name);
    }
    isNameNext = token === "{" || (token === "," && open.at(-1) !== undefined);
  }
  return undefined;
}
