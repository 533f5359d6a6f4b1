import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ROOT } from "./source-tree.js";

/** A command of a `console` block, with the output the page shows for it. */
export interface Example {
  readonly command: string;
  readonly expected: string;
  /** Offsets of the expected output in the page. */
  readonly from: number;
  readonly to: number;
}

/** Where pages say that a server listens, which is where it does unless told otherwise. */
const SHOWN_ADDRESS = "127.0.0.1:8080";

const LAUNCHERS = ["apps/omnigraph/bin/omnigraph.js", "apps/omnigraph-server/bin/omnigraph-server.js"];
const FENCE = /^```console\n([\s\S]*?)^```$/gm;

/**
 * Commands of the page's `console` blocks, in order. A command starts with `$ `; it goes on over lines that end with a backslash, to
 * the end of a quoted text and over a here-document. What follows, up to the next command, is its output; `…` stands for any text, on a line of its own for any lines,
 * and a last line `[exit 2]` for an exit code other than 0.
 */
export function parseExamples(page: string): Example[] {
  const examples: Example[] = [];
  for (const block of page.matchAll(FENCE)) {
    const text = block[1] ?? "";
    const base = block.index + "```console\n".length;
    let offset = 0;
    while (offset < text.length) {
      const end = endOfCommand(text, offset);
      const next = nextCommand(text, end);
      examples.push({ command: text.slice(offset + 2, end).trimEnd(), expected: text.slice(end, next), from: base + end, to: base + next });
      offset = next;
    }
  }
  return examples;
}

function endOfLine(text: string, from: number): number {
  const end = text.indexOf("\n", from);
  return end < 0 ? text.length : end + 1;
}

function endOfCommand(text: string, start: number): number {
  let end = endOfLine(text, start);
  while (end < text.length && isOpen(text.slice(start, end))) end = endOfLine(text, end);
  const marker = /<<'?([A-Z]+)'?/.exec(text.slice(start, end))?.[1];
  if (marker === undefined) return end;
  const close = text.indexOf(`\n${marker}\n`, end - 1);
  return close < 0 ? text.length : close + marker.length + 2;
}

/** Whether the shell would wait for more: a backslash at the end, or a single quote that is not closed. */
function isOpen(command: string): boolean {
  return command.endsWith("\\\n") || (command.split("'").length - 1) % 2 === 1;
}

function nextCommand(text: string, from: number): number {
  if (text.startsWith("$ ", from)) return from;
  const next = text.indexOf("\n$ ", from);
  return next < 0 ? text.length : next + 1;
}

/** A folder in which the commands of a page run. */
export interface Workplace {
  readonly folder: string;
  /** Free; takes the place of the one that pages show. */
  readonly port: number;
}

/** Runs a command with the built executables; gives what a terminal would show, and the exit code as a last line. */
export function runExample(command: string, { folder, port }: Workplace): string {
  const address = `127.0.0.1:${port}`;
  const result = spawnSync("bash", ["-c", `exec 2>&1\n${command.replaceAll(SHOWN_ADDRESS, address)}`], {
    cwd: folder,
    encoding: "utf8",
    // Nobody's own configuration counts.
    env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "", OMNIGRAPH_HOME: path.join(folder, ".omnigraph"), PATH: `${executables(folder, address)}:${process.env["PATH"] ?? ""}` },
  });
  const output = result.stdout.replaceAll(address, SHOWN_ADDRESS);
  const shown = output === "" || output.endsWith("\n") ? output : `${output}\n`;
  return result.status === 0 ? shown : `${shown}[exit ${result.status ?? "?"}]\n`;
}

/** Where pages keep the number of the server that they start. */
const SERVER_NUMBERS = ["demo/server.pid", "server.pid"];

/** Ends the server that a page started, where it has not ended it itself. */
export function stopServer({ folder }: Workplace): void {
  for (const file of SERVER_NUMBERS.map((name) => path.join(folder, name)).filter((name) => existsSync(name))) {
    try {
      process.kill(Number(readFileSync(file, "utf8")));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
    }
  }
}

/** A folder of commands that become the executables, so that the shell's `$!` is theirs. */
function executables(folder: string, address: string): string {
  const bin = path.join(folder, ".bin");
  if (existsSync(bin)) return bin;
  mkdirSync(bin);
  for (const launcher of LAUNCHERS) {
    const name = path.basename(launcher, ".js");
    const bind = name === "omnigraph-server" ? ` --bind ${address}` : "";
    const file = path.join(bin, name);
    writeFileSync(file, `#!/bin/sh\nexec "${process.execPath}" "${path.join(ROOT, launcher)}" "$@"${bind}\n`);
    chmodSync(file, 0o755);
  }
  return bin;
}

/** Whether the output is what the page shows, placeholders filled in. Blanks at the ends of lines do not count. */
export function matches(expected: string, actual: string): boolean {
  const lines = trimLines(expected).map((line) => (line === "…" ? "(?:[^\\n]*\\n)*" : `${line.split("…").map(escapePattern).join("[^\\n]*")}\\n`));
  return new RegExp(`^${lines.join("")}$`).test(`${trimLines(actual).join("\n")}\n`) || trimLines(expected).join("\n") === trimLines(actual).join("\n");
}

/** What a page shows for an output: identifiers and the temporary folder become `…`. */
export function masked(actual: string, folder: string): string {
  return trimLines(actual)
    .map((line) => line.replaceAll(folder, "…").replaceAll(/\b01[0-9A-HJKMNP-TV-Z]{24}\b/g, "01…"))
    .map((line) => `${line}\n`)
    .join("");
}

function trimLines(text: string): string[] {
  const lines = text.split("\n").map((line) => line.trimEnd());
  while (lines.length > 0 && lines.at(-1) === "") lines.pop();
  return lines;
}

function escapePattern(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
