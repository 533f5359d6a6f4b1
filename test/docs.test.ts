import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import path from "node:path";
import { describe, expect, test } from "vitest";
import { listFiles, readText, ROOT } from "./source-tree.js";

/** Copies of the specifications that the tests read are not documentation of this repository. */
const pages = listFiles().filter((file) => file.endsWith(".md") && !file.includes("/test/spec/") && !file.startsWith(".changeset/"));

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  return heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .replaceAll(/\s/g, "-");
}

function withoutCode(text: string): string {
  return text.replaceAll(/^```[\s\S]*?^```/gm, "").replaceAll(/`[^`\n]*`/g, "");
}

function brokenLinks(page: string): string[] {
  const links = [...withoutCode(readText(page)).matchAll(/\[[^\]]*\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [target = "", anchor] = link.split("#");
    const file = target === "" ? page : path.posix.join(path.posix.dirname(page), target);
    if (!existsSync(path.join(ROOT, file))) return true;
    if (anchor === undefined || !file.endsWith(".md")) return false;
    const headings = readText(file)
      .split("\n")
      .filter((line) => line.startsWith("#"))
      .map((line) => anchorOf(line.replace(/^#+/, "").replaceAll("`", "")));
    return !headings.includes(anchor);
  });
}

/** They parse the whole source in processes of their own, while other tests run. */
const SCRIPT_TIMEOUT_MS = 120_000;

describe("documentation", () => {
  test("there are pages to check", () => {
    expect(pages).toContain("README.md");
    expect(pages).toContain("docs/README.md");
  });

  test.each(pages)("links of %s resolve", (page) => {
    expect(brokenLinks(page)).toEqual([]);
  });

  test("the map links every page of docs/ but the numbered records", () => {
    const map = readText("docs/README.md");
    const missing = pages.filter((page) => page.startsWith("docs/") && !/\/\d{4}-/.test(page) && page !== "docs/README.md" && !map.includes(`(${page.slice("docs/".length)})`));
    expect(missing).toEqual([]);
  });

  test.each(["scripts/render-reference.mjs", "scripts/render-ownership.mjs"])("what %s renders is up to date", { timeout: SCRIPT_TIMEOUT_MS }, (script) => {
    const result = spawnSync(process.execPath, [script, "--check"], { cwd: ROOT, encoding: "utf8" });
    expect(`${result.stdout}${result.stderr}`.trim()).toBe("up to date");
    expect(result.status).toBe(0);
  });

  test.each(["decisions", "rfcs"])("records in docs/%s have numbers of their own", (folder) => {
    const numbers = listFiles()
      .filter((file) => file.startsWith(`docs/${folder}/`) && file.endsWith(".md"))
      .map((file) => /^(\d{4})-[a-z0-9-]+\.md$/.exec(path.basename(file))?.[1]);
    expect(numbers).not.toContain(undefined);
    expect(new Set(numbers).size).toBe(numbers.length);
  });
});
