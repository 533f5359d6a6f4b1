/** Reads tables and examples out of the specification itself, so that every row is executed as written. */
import { readFileSync } from "node:fs";

const SPEC: string = readFileSync(new URL("../spec/schema-language.md", import.meta.url), "utf8");

/** Text between the heading that starts with `heading` and the next heading of the same depth or less. */
export function section(heading: string): string {
  const start = SPEC.indexOf(`\n${heading}`);
  if (start === -1) throw new Error(`no section ${heading}`);
  const depth = heading.indexOf(" ");
  const rest = SPEC.slice(start + 1);
  const body = rest.indexOf("\n");
  const end = rest.slice(body).search(new RegExp(`^#{1,${depth}} `, "m"));
  return end === -1 ? rest : rest.slice(0, body + end);
}

/** Rows of all tables in `text`, without heads, as trimmed cells. A `|` inside back-ticks does not split. */
export function rows(text: string): string[][] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("| ") || line.startsWith("|-"))
    .map((line) => (line.match(/(?:`[^`]*`|[^|`])+/g) ?? []).map((cell) => cell.trim()))
    .filter((cells, index, all) => !isRule(cells) && !isRule(all[index + 1] ?? []));
}

function isRule(cells: readonly string[]): boolean {
  return cells.length > 0 && cells.every((cell) => /^-+$/.test(cell));
}

export function code(cell: string): string {
  return cell.replace(/^`/, "").replace(/`$/, "");
}

/** Fenced blocks of `language` in `text`, without fences. */
export function blocks(text: string, language: string): string[] {
  return [...text.matchAll(new RegExp("```" + language + "\\n([^]*?)```", "g"))].map((match) => match[1] ?? "");
}

/**
 * Patterns of a cell of markers: each back-ticked text literally, `{x}` as anything. `a` or `b` are alternatives; words
 * outside back-ticks (`both display names`) are left to the test.
 */
export function markerPatterns(cell: string): RegExp[] {
  return cell.split(", ").flatMap((group) => {
    const alternatives = [...group.matchAll(/`([^`]+)`/g)].map((match) => markerSource(match[1] ?? ""));
    return alternatives.length === 0 ? [] : [new RegExp(alternatives.join("|"))];
  });
}

function markerSource(marker: string): string {
  return marker
    .split(/(\{[A-Za-z]+\})/)
    .map((part) => (/^\{[A-Za-z]+\}$/.test(part) ? "[^]+" : part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")))
    .join("");
}

export const DOMAIN = "01HZY3V9QK7M2N4P6R8T0W1X5Z";
