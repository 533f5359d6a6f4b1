import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Command } from "commander";
import { buildProgram } from "../../src/program.js";
import { runCaptured } from "../captured-io.js";
import { CompletionFolder, isInstalled, offered, scriptOf, type Shell } from "./shells.js";

const SHELLS = ["bash", "zsh", "fish"] as const satisfies readonly Shell[];

/** One shell answers all lines; a machine that does other things lets it wait. */
const SHELL_TIMEOUT_MS = 60_000;

let folder: CompletionFolder;
beforeAll(() => {
  folder = new CompletionFolder();
});
afterAll(() => folder[Symbol.dispose]());

test("cli.md §1.8 a shell that is not known is a usage error naming those that are", async () => {
  const { exitCode, stdout, stderr } = await runCaptured(["completion", "tcsh"]);
  expect(exitCode).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).toContain("bash, zsh, fish");
});

test("completion --help says how to install it, per shell", async () => {
  const { stdout } = await runCaptured(["completion", "--help"]);
  for (const word of ["~/.bashrc", "~/.zshrc", "~/.config/fish/completions/omnigraph.fish"]) expect(stdout).toContain(word);
});

test("decision 0028 a flag takes a value on every level or on none: scripts skip values before they know the command", () => {
  const program = buildProgram(async () => undefined);
  const kinds = new Map<string, Set<boolean>>();
  const visit = (command: Command): void => {
    for (const { long, required } of command.options) if (long) kinds.set(long, (kinds.get(long) ?? new Set()).add(required));
    command.commands.forEach(visit);
  };
  visit(program);
  expect([...kinds].filter(([, seen]) => seen.size > 1).map(([flag]) => flag)).toEqual([]);
});

interface Line {
  readonly name: string;
  /** The last one is being typed. */
  readonly words: readonly string[];
  /** All that is offered. */
  readonly exactly?: readonly string[];
  readonly contains?: readonly string[];
  readonly lacks?: readonly string[];
}

const LINES: readonly Line[] = [
  { name: "commands", words: ["sc"], exactly: ["schema"] },
  { name: "all commands, without hidden ones", words: [""], contains: ["query", "branch", "cluster", "completion"], lacks: ["ingest", "check", "orders.omni"] },
  { name: "commands of a group", words: ["cluster", ""], exactly: ["apply", "approve", "force-unlock", "import", "plan", "refresh", "status", "validate"] },
  { name: "commands of a group, begun", words: ["branch", "me"], exactly: ["merge"] },
  { name: "no command below a command", words: ["cluster", "plan", ""], lacks: ["plan", "cluster", "orders.omni"] },
  { name: "flags of a command", words: ["cluster", "apply", "--"], contains: ["--config", "--as", "--json", "--help"], lacks: ["--server", "--store"] },
  { name: "flags, begun", words: ["schema", "plan", "--sch"], exactly: ["--schema"] },
  { name: "flags after others with values", words: ["query", "--store", "orders.omni", "--query", "orders.pg", "--form"], exactly: ["--format"] },
  { name: "flags before the command", words: ["--as", "ann", "clu"], exactly: ["cluster"] },
  { name: "choices of a flag", words: ["load", "orders.omni", "--mode", ""], exactly: ["append", "merge", "overwrite"] },
  { name: "choices of a flag, begun", words: ["load", "--mode", "ap"], exactly: ["append"] },
  { name: "choices of an argument", words: ["completion", ""], exactly: ["bash", "fish", "zsh"] },
  { name: "choices without a list of their own", words: ["load", "--durability", "p"], exactly: ["power", "process"] },
  { name: "a command whose name is the value of a flag", words: ["--profile", "query", "bra"], exactly: ["branch"] },
  { name: "nothing where anything may stand", words: ["load", "--branch", ""], exactly: [] },
];

/** Folders and files, without flags that are offered beside them. */
const PATHS: readonly { readonly words: readonly string[]; readonly exactly: readonly string[] }[] = [
  { words: ["cluster", "plan", "--config", ""], exactly: ["my depot", "orders.omni", "schema"] },
  { words: ["snapshot", "ord"], exactly: ["orders.omni"] },
  { words: ["snapshot", "orders.omni", ""], exactly: [] },
  { words: ["schema", "plan", "--schema", "ord"], exactly: ["orders.omni", "orders.pg"] },
  { words: ["lint", "--query", "two"], exactly: ["two words.gq"] },
];

describe.each(SHELLS)("completion in %s", (shell) => {
  const hasShell = isInstalled(shell);
  const skipped = hasShell ? "" : `(skipped: ${shell} is not installed) `;
  let answers: readonly (readonly string[])[] = [];
  beforeAll(async () => {
    if (hasShell) answers = offered(shell, await scriptOf(shell), [...LINES, ...PATHS].map(({ words }) => words), folder);
  }, SHELL_TIMEOUT_MS);

  test.skipIf(!hasShell).each(LINES.map((line, index) => ({ ...line, index })))(`${skipped}$name`, ({ index, exactly, contains, lacks }) => {
    const found = answers[index];
    if (exactly !== undefined) expect(found).toEqual(exactly);
    if (contains !== undefined) expect(found).toEqual(expect.arrayContaining([...contains]));
    for (const word of lacks ?? []) expect(found).not.toContain(word);
  });

  test.skipIf(!hasShell)(`${skipped}folders and files`, () => {
    const bare = answers.slice(LINES.length).map((found) => found.filter((word) => !word.startsWith("-")).map((path) => path.replace(/\/$/, "")));
    expect(bare).toEqual(PATHS.map(({ exactly }) => exactly));
  });
});

describe("bash", () => {
  const lines: readonly (readonly [name: string, words: readonly string[], expected: readonly string[]])[] = [
    ["a value after '='", ["load", "--mode", "=", "me"], ["merge"]],
    ["an empty value after '='", ["load", "--mode", "="], ["append", "merge", "overwrite"]],
    ["a URI before, which the shell splits at ':'", ["schema", "plan", "--store", "s3", ":", "//vault/orders.omni", "--sch"], ["--schema"]],
    ["a URI as an argument", ["schema", "plan", "s3", ":", "//vault/orders.omni", "--sch"], ["--schema"]],
    ["only arguments after '--'", ["completion", "--", "f"], ["fish"]],
  ];
  let answers: readonly (readonly string[])[] = [];
  beforeAll(async () => {
    answers = offered("bash", await scriptOf("bash"), lines.map(([, words]) => words), folder);
  }, SHELL_TIMEOUT_MS);

  test.each(lines.map(([name, , expected], index) => ({ name, expected, index })))("$name", ({ expected, index }) => {
    expect(answers[index]).toEqual(expected);
  });

  test("a shell that stops at unset variables and failures completes as well", async () => {
    const script = `set -eu\n${await scriptOf("bash")}`;
    expect(offered("bash", script, [["schema", "pl"]], folder)).toEqual([["plan"]]);
  });
});
