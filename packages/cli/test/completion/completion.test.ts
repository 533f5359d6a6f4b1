import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Command } from "commander";
import { buildProgram } from "../../src/program.js";
import { runCaptured } from "../captured-io.js";
import { CompletionFolder, isInstalled, offered, scriptOf, type Shell } from "./shells.js";

const SHELLS = ["bash", "zsh", "fish"] as const satisfies readonly Shell[];

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

describe.each(SHELLS)("completion in %s", (shell) => {
  const hasShell = isInstalled(shell);

  test.skipIf(!hasShell).each(LINES)(`${hasShell ? "" : `(skipped: ${shell} is not installed) `}$name`, async ({ words, exactly, contains, lacks }) => {
    const found = offered(shell, await scriptOf(shell), words, folder);
    if (exactly !== undefined) expect(found).toEqual(exactly);
    if (contains !== undefined) expect(found).toEqual(expect.arrayContaining([...contains]));
    for (const word of lacks ?? []) expect(found).not.toContain(word);
  });

  test.skipIf(!hasShell)(`${hasShell ? "" : `(skipped: ${shell} is not installed) `}folders and files`, async () => {
    const script = await scriptOf(shell);
    const bare = (words: readonly string[]): readonly string[] => offered(shell, script, words, folder).filter((word) => !word.startsWith("-")).map((path) => path.replace(/\/$/, ""));
    expect(bare(["cluster", "plan", "--config", ""])).toEqual(["my depot", "orders.omni", "schema"]);
    expect(bare(["snapshot", "ord"])).toEqual(["orders.omni"]);
    expect(bare(["snapshot", "orders.omni", ""])).toEqual([]);
    expect(bare(["schema", "plan", "--schema", "ord"])).toEqual(["orders.omni", "orders.pg"]);
    expect(bare(["lint", "--query", "two"])).toEqual(["two words.gq"]);
  });
});

describe("bash", () => {
  test.each<[string, string[], string[]]>([
    ["a value after '='", ["load", "--mode", "=", "me"], ["merge"]],
    ["an empty value after '='", ["load", "--mode", "="], ["append", "merge", "overwrite"]],
    ["a URI before, which the shell splits at ':'", ["schema", "plan", "--store", "s3", ":", "//vault/orders.omni", "--sch"], ["--schema"]],
    ["a URI as an argument", ["schema", "plan", "s3", ":", "//vault/orders.omni", "--sch"], ["--schema"]],
    ["only arguments after '--'", ["completion", "--", "f"], ["fish"]],
  ])("%s", async (_name, words, expected) => {
    expect(offered("bash", await scriptOf("bash"), words, folder)).toEqual(expected);
  });

  test("a shell that stops at unset variables and failures completes as well", async () => {
    const script = `set -eu\n${await scriptOf("bash")}`;
    expect(offered("bash", script, ["schema", "pl"], folder)).toEqual(["plan"]);
  });
});
