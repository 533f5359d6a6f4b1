// What the scripts that render files share: write them, or with --check compare and fail.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");

/** Replaces what stands between `<!-- name:begin -->` and `<!-- name:end -->`. */
export function replaceBetween(text, name, content) {
  const begin = `<!-- ${name}:begin -->`;
  const end = `<!-- ${name}:end -->`;
  const from = text.indexOf(begin);
  const to = text.indexOf(end);
  if (from < 0 || to < from) throw new Error(`the marks ${begin} and ${end} are missing`);
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`;
}

/** `files`: content by path from the repository root. */
export function finish(files) {
  const check = process.argv.includes("--check");
  const stale = [];
  for (const [file, content] of Object.entries(files)) {
    const target = path.join(ROOT, file);
    if (existsSync(target) && readFileSync(target, "utf8") === content) continue;
    stale.push(file);
    if (check) continue;
    mkdirSync(path.dirname(target), { recursive: true });
    writeFileSync(target, content);
  }
  if (check && stale.length > 0) {
    process.stderr.write(`out of date: ${stale.join(", ")}\nrun: node ${path.relative(ROOT, process.argv[1])}\n`);
    process.exitCode = 1;
    return;
  }
  console.log(stale.length === 0 ? "up to date" : `wrote ${stale.join(", ")}`);
}
