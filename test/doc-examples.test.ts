import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import ts from "typescript";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { masked, matches, parseExamples, runExample, stopServer, type Workplace } from "./doc-examples.js";
import { listFiles, readText, ROOT } from "./source-tree.js";

/** With UPDATE_DOCS=1 the pages are rewritten with what the commands print now; review the difference like code. */
const UPDATE = process.env["UPDATE_DOCS"] === "1";
const pages = ["README.md", ...listFiles().filter((file) => /^docs\/user\/[^/]+\.md$/.test(file))];
const folders: string[] = [];

function makeFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), "omnigraph-docs-"));
  folders.push(folder);
  return folder;
}

/** What `npm run demo` leaves behind. */
let demoFolder: string;

beforeAll(() => {
  demoFolder = makeFolder();
  const demo = spawnSync(process.execPath, ["scripts/demo/demo.mjs", demoFolder], { cwd: ROOT, encoding: "utf8" });
  if (demo.status !== 0) throw new Error(`the demo failed:\n${demo.stdout}${demo.stderr}`);
}, 180_000);

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** Where a page's commands run, with a demo and the examples of its own where the page uses them. */
async function prepare(page: string): Promise<Workplace> {
  const folder = makeFolder();
  if (readText(page).includes("demo/")) cpSync(demoFolder, folder, { recursive: true });
  if (readText(page).includes("examples/")) cpSync(path.join(ROOT, "examples"), path.join(folder, "examples"), { recursive: true });
  return { folder, port: await freePort() };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0));
    });
  });
}

describe("the commands of the documentation do what it shows", () => {
  test("the README has commands", () => {
    expect(parseExamples(readText("README.md")).length).toBeGreaterThan(5);
  });

  test.each(pages)("%s", { timeout: 240_000 }, async (page) => {
    const workplace = await prepare(page);
    try {
      compare(page, workplace);
    } finally {
      stopServer(workplace);
    }
  });
});

/** Runs the commands of a page in order; with UPDATE_DOCS it says afterwards what they print. */
function compare(page: string, workplace: Workplace): void {
  const { folder } = workplace;
  let text = readText(page);
  let shift = 0;
  for (const { command, expected, from, to } of parseExamples(text)) {
    const actual = runExample(command, workplace);
    if (matches(expected, actual)) continue;
    if (!UPDATE) expect({ command, output: masked(actual, folder) }).toEqual({ command, output: expected });
    const shown = masked(actual, folder);
    text = text.slice(0, from + shift) + shown + text.slice(to + shift);
    shift += shown.length - (to - from);
  }
  if (UPDATE) writeFileSync(path.join(ROOT, page), text);
}

describe("the TypeScript of the documentation prints what its comments say", () => {
  const withCode = ["README.md", ...listFiles().filter((file) => /^(packages|apps)\/[^/]+\/README\.md$|^docs\/user\//.test(file))].filter((file) => readText(file).includes("```ts\n"));

  test.each(withCode)("%s", { timeout: 60_000 }, (page) => {
    for (const [index, block] of [...readText(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].entries()) {
      const source = (block[1] ?? "").replaceAll('"/tmp/', `"${makeFolder()}/`);
      const expected = [...source.matchAll(/^\s*console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]);
      const { outputText } = ts.transpileModule(source, { compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext } });
      // Beside the command line's sources, because every package a user imports resolves from there.
      const file = path.join(ROOT, "packages/cli", `.doc-example-${process.pid}-${index}.mjs`);
      writeFileSync(file, outputText);
      try {
        const result = spawnSync(process.execPath, [file], { encoding: "utf8" });
        expect(`${result.stdout}${result.stderr}`.trim().split("\n")).toEqual(expected.length === 0 ? [""] : expected);
      } finally {
        unlinkSync(file);
      }
    }
  });
});
