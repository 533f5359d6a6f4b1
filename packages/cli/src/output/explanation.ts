import type { AccessPath, Explanation, ExplainStep, MeasuredRun } from "@omnigraphdb/api-types";
import type { Colors } from "picocolors/types.js";
import { visibleText } from "./cell-text.js";

export interface ExplanationStyle {
  readonly colors: Colors;
  /** Characters per line of the screen; undefined = no screen, nothing is cut. */
  readonly width: number | undefined;
}

/** A line of the tree with its cells. */
interface Line {
  readonly branch: string;
  readonly name: string;
  readonly text: string;
  readonly cells: readonly string[];
}

const HEADINGS = ["est. rows", "access"];
const ANALYZED_HEADINGS = ["est. rows", "rows", "ms", "read", "cached", "access"];

/** Steps from top to bottom in execution order, numbers aligned to their right. */
export function explanationText(explanation: Explanation, { colors, width }: ExplanationStyle): string {
  const { measured, target, queryName } = explanation;
  const headings = measured === null ? HEADINGS : ANALYZED_HEADINGS;
  const lines = linesOf(explanation.steps, "", measured !== null);
  const cellWidths = headings.map((heading, at) => Math.max(heading.length, ...lines.map(({ cells }) => cells[at]?.length ?? 0)));
  const natural = Math.max(...lines.map(({ branch, name, text }) => branch.length + name.length + 1 + text.length));
  const cellsWidth = cellWidths.reduce((sum, cell) => sum + cell + 2, 0);
  const treeWidth = width === undefined ? natural : Math.max(TREE_WIDTH_MIN, Math.min(natural, width - cellsWidth));
  const state = target.snapshot === null ? `branch ${target.branch ?? "main"}` : `snapshot ${target.snapshot}`;
  const rows = lines.map(({ branch, name, text, cells }) => {
    const plain = cut(`${branch}${name === "" ? "" : `${name} `}${text}`, treeWidth);
    const shown = plain.startsWith(`${branch}${name}`) ? `${colors.dim(branch)}${colors.bold(name)}${plain.slice(branch.length + name.length)}` : plain;
    const padding = " ".repeat(Math.max(0, treeWidth - [...plain].length));
    return `${shown}${padding}${alignCells(cells, cellWidths)}`.trimEnd();
  });
  const heading = colors.dim(`${" ".repeat(treeWidth)}${alignCells(headings, cellWidths)}`.trimEnd());
  return `${[`explain ${queryName} on ${state}`, heading, ...rows, ...(measured === null ? [] : [totals(measured)])].join("\n")}\n`;
}

const TREE_WIDTH_MIN = 24;

function linesOf(steps: readonly ExplainStep[], indent: string, isAnalyzed: boolean): readonly Line[] {
  return steps.flatMap((step, at) => {
    const isLast = at === steps.length - 1;
    const below = `${indent}${isLast ? "   " : "│  "}`;
    const line: Line = { branch: `${indent}${isLast ? "└─ " : "├─ "}`, name: NAMES[step.operator], text: visibleText(step.description).replaceAll("\n", "\\n"), cells: cellsOf(step, isAnalyzed) };
    const isRepeated = step.conditions.length === 1 && step.conditions[0] === step.description;
    const inner = step.children.length > 0 ? "│  " : "   ";
    const conditions = isRepeated || step.operator === "cross" ? [] : step.conditions.map((condition): Line => ({ branch: `${below}${inner}`, name: "", text: `where ${visibleText(condition).replaceAll("\n", "\\n")}`, cells: [] }));
    return [line, ...conditions, ...linesOf(step.children, below, isAnalyzed)];
  });
}

const NAMES: Readonly<Record<ExplainStep["operator"], string>> = {
  scan: "scan",
  expand: "expand",
  close: "close",
  filter: "filter",
  textMatch: "text",
  antiJoin: "anti-join",
  cross: "cross",
  rank: "rank",
  aggregate: "aggregate",
  sort: "sort",
  limit: "limit",
  project: "project",
};

function cellsOf({ estimatedRows, access, measured }: ExplainStep, isAnalyzed: boolean): readonly string[] {
  const path = access === null ? "" : accessText(access);
  if (!isAnalyzed) return [countText(estimatedRows), path];
  if (measured === null) return [countText(estimatedRows), "", "", "", "", path];
  const { outputRows, elapsedMs, bytesRead, cacheHits, cacheMisses } = measured;
  const looked = cacheHits + cacheMisses;
  return [countText(estimatedRows), countText(outputRows), elapsedMs === null ? "" : msText(elapsedMs), bytesRead === 0 ? "" : bytesText(bytesRead), looked === 0 ? "" : `${cacheHits}/${looked}`, path];
}

const ACCESS_NAMES: Readonly<Record<AccessPath["kind"], string>> = {
  memory: "memory",
  keySeek: "key seek",
  pushedFilter: "filter in storage",
  columnLoad: "column load",
  csr: "topology in memory",
  csrBuild: "topology load",
  indexedSeek: "edge index",
  vectorIndex: "vector index",
  flatVectors: "all vectors",
  textIndex: "text index",
  nativeText: "text index of storage",
  nothing: "nothing to read",
};

function accessText({ kind, detail = "" }: AccessPath): string {
  const fusion = /^(.*); (vectorIndex|flatVectors|textIndex|nativeText) (.*)$/.exec(detail);
  if (fusion !== null) return `${accessText({ kind, detail: fusion[1] as string })}, ${accessText({ kind: fusion[2] as AccessPath["kind"], detail: fusion[3] as string })}`;
  return detail === "" ? ACCESS_NAMES[kind] : `${ACCESS_NAMES[kind]} (${detail})`;
}

function totals({ rowCount, elapsedMs, loadMs, bytesRead, cacheHits, cacheMisses, memoryPeakBytes }: MeasuredRun): string {
  return `${countText(rowCount)} rows in ${msText(elapsedMs)} ms, of which ${msText(loadMs)} ms loading; read ${bytesText(bytesRead)}, ${cacheHits} of ${cacheHits + cacheMisses} from cache; memory peak ${bytesText(memoryPeakBytes)}`;
}

/** Numbers to the right, the access path to the left. */
function alignCells(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, at) => `  ${at === widths.length - 1 ? cell.padEnd(widths[at] as number) : cell.padStart(widths[at] as number)}`).join("");
}

function cut(text: string, width: number): string {
  const characters = [...text];
  return characters.length <= width ? text : `${characters.slice(0, width - 1).join("")}…`;
}

/** Three significant digits from ten thousand on, such as `12.3k`. */
function countText(count: number): string {
  if (count < 10) return String(rounded(count, count < 1 ? 3 : 1));
  if (count < 10_000) return String(Math.round(count));
  const unit = COUNT_UNITS.find(({ size }) => count < size * 1e3);
  return unit === undefined ? count.toExponential(2) : `${(count / unit.size).toPrecision(3)}${unit.name}`;
}

const COUNT_UNITS = [
  { name: "k", size: 1e3 },
  { name: "M", size: 1e6 },
  { name: "G", size: 1e9 },
] as const;

function msText(ms: number): string {
  return ms < 10 ? ms.toFixed(3) : ms < 1_000 ? ms.toFixed(1) : Math.round(ms).toString();
}

const BYTE_UNITS = ["B", "KiB", "MiB", "GiB", "TiB"];

function bytesText(byteCount: number): string {
  let amount = byteCount;
  let unit = 0;
  for (; amount >= 1024 && unit < BYTE_UNITS.length - 1; unit++) amount /= 1024;
  return `${unit === 0 ? amount : amount.toFixed(1)} ${BYTE_UNITS[unit] ?? ""}`;
}

function rounded(value: number, digits: number = 3): number {
  return Number(value.toFixed(digits));
}
