// Entry point of every root script. Plain Node without dependencies: it has to run in a fresh clone
// on a machine that has only Node and npm, so it fetches the pinned pnpm itself.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "..");
const NODE_MINIMUM = [20, 19];
const INSTALL_STAMP = path.join(ROOT, "node_modules", ".install-stamp");
const TEST_REPORT = path.join(ROOT, "node_modules", ".test-report.json");

/** A step: what the progress line says, and the command it runs (`node_modules` scripts by path, not by shell lookup). */
const STEPS = {
  install: { title: "install dependencies", run: install },
  build: { title: "build packages", run: build },
  arrows: { title: "check the arrows between packages", run: () => node("turbo/bin/turbo", ["boundaries"]) },
  types: { title: "check the types of the tests", run: () => node("typescript/bin/tsc", ["-p", "tsconfig.test.json"]) },
  lint: { title: "lint", run: () => node("eslint/bin/eslint.js", [".", "--max-warnings", "0", "--cache", "--cache-location", "node_modules/.cache/eslint/", "--cache-strategy", "content"]) },
  unused: { title: "look for unused code and dependencies", run: () => node("knip/bin/knip.js", ["--no-progress", "--no-config-hints"]) },
  tests: { title: "run the tests", run: runTests },
};

const CHECKS = ["arrows", "types", "lint", "unused"];

const COMMANDS = {
  build: { help: "install and build", run: () => runInOrder(["install", "build"]) },
  check: { help: "build, then every check that is not a test", run: () => runChecks([]) },
  test: { help: "build, then every check and every test", run: () => runChecks(["tests"]) },
  demo: { help: "build, then make and query a graph of the world's countries", run: (args) => runAfterBuild("run the demo", "scripts/demo/demo.mjs", args) },
  bench: { help: "build, then the benchmark, e.g. npm run bench -- --size S", run: (args) => runAfterBuild("run the benchmark", "packages/engine/bench/bench.mjs", args) },
  "bench:changes": { help: "build, then diffs of few changed rows in tables of 10 thousand and a million", run: (args) => runAfterBuild("run the benchmark of changes", "packages/engine/bench/changes-scaling.mjs", args) },
  "bench:merge": { help: "build, then merges of 1,000 rows into tables of 10 thousand and a million", run: (args) => runAfterBuild("run the merge benchmark", "packages/engine/bench/merge-scaling.mjs", args) },
};

main(process.argv[2] ?? "", process.argv.slice(3));

function main(name, args) {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  if (major < NODE_MINIMUM[0] || (major === NODE_MINIMUM[0] && minor < NODE_MINIMUM[1])) {
    fail(`Node ${NODE_MINIMUM.join(".")} or newer is needed; this is ${process.versions.node}.`);
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) {
    const list = Object.entries(COMMANDS).map(([key, { help }]) => `  ${key.padEnd(6)} ${help}`);
    fail(`usage: node scripts/workspace.mjs COMMAND\n${list.join("\n")}`, 2);
  }
  process.exitCode = command.run(args);
}

function fail(message, code = 1) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}

/** Runs steps until one fails; gives that step's exit code. */
function runInOrder(names) {
  for (const [index, name] of names.entries()) {
    const code = runStep(STEPS[name], index + 1, names.length);
    if (code !== 0) return code;
  }
  return 0;
}

function runAfterBuild(title, script, args) {
  for (const [index, step] of [STEPS.install, STEPS.build, { title, run: () => run(process.execPath, [script, ...args]) }].entries()) {
    const code = runStep(step, index + 1, 3);
    if (code !== 0) return code;
  }
  return 0;
}

/** After the build, one failing step does not hide the others: all run, and the last line counts them like tests. */
function runChecks(extra) {
  const first = ["install", "build"];
  const rest = [...CHECKS, ...extra];
  const total = first.length + rest.length;
  for (const [index, name] of first.entries()) {
    const code = runStep(STEPS[name], index + 1, total);
    if (code !== 0) return code;
  }
  rmSync(TEST_REPORT, { force: true });
  const failed = rest.filter((name, index) => runStep(STEPS[name], first.length + index + 1, total) !== 0);
  const checksFailed = failed.filter((name) => name !== "tests");
  const counts = extra.includes("tests") ? readTestCounts() : { passed: 0, failed: 0, skipped: 0, ok: true };
  const broken = checksFailed.length + (counts.ok ? 0 : Math.max(1, counts.failed));
  if (failed.length > 0) console.log(`\nfailed: ${failed.map((name) => STEPS[name].title).join(", ")}`);
  const passed = counts.passed + CHECKS.length - checksFailed.length;
  console.log(`\n${passed} passed, ${broken} failed${counts.skipped > 0 ? `, ${counts.skipped} skipped` : ""}`);
  return failed.length > 0 || broken > 0 ? 1 : 0;
}

function runStep(step, number, total) {
  const label = `[${number}/${total}] ${step.title}`;
  console.log(label);
  const start = performance.now();
  const code = step.run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${label}: ${code === 0 ? "done" : `FAILED (exit ${code})`} in ${seconds} s`);
  return code;
}

/** Installs with the frozen lockfile; skipped while nothing that decides the outcome has changed since the last time. */
function install() {
  const stamp = installFingerprint();
  if (existsSync(INSTALL_STAMP) && readFileSync(INSTALL_STAMP, "utf8") === stamp) return 0;
  const pnpm = readJson("package.json").packageManager;
  const code = run(process.platform === "win32" ? "npx.cmd" : "npx", ["--yes", pnpm, "install", "--frozen-lockfile"]);
  if (code === 0) writeFileSync(INSTALL_STAMP, stamp);
  else process.stderr.write("The dependencies could not be installed. A package registry must be reachable, or the npm cache filled.\n");
  return code;
}

function installFingerprint() {
  const members = ["packages", "apps"].flatMap((folder) => readdirSync(path.join(ROOT, folder)).map((name) => `${folder}/${name}/package.json`));
  const hash = createHash("sha256").update(`${process.platform} ${process.arch} ${process.versions.modules}\n`);
  for (const file of ["package.json", "pnpm-workspace.yaml", "pnpm-lock.yaml", ...members.sort()]) {
    if (existsSync(path.join(ROOT, file))) hash.update(file).update(readFileSync(path.join(ROOT, file)));
  }
  return hash.digest("hex");
}

/** Compiles every package, then bundles the executables out of the sources. */
function build() {
  const code = node("typescript/bin/tsc", ["-b"]);
  if (code !== 0) return code;
  const bundles = readdirSync(path.join(ROOT, "apps"))
    .map((name) => `apps/${name}/bundle.mjs`)
    .filter((file) => existsSync(path.join(ROOT, file)));
  return bundles.reduce((failure, file) => failure || run(process.execPath, [file]), 0);
}

function runTests() {
  return node("vitest/vitest.mjs", ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${TEST_REPORT}`]);
}

/** A run that wrote no report, or in which nothing passed, is a failure: silence must never look like success. */
function readTestCounts() {
  if (!existsSync(TEST_REPORT)) return { passed: 0, failed: 0, skipped: 0, ok: false };
  const report = JSON.parse(readFileSync(TEST_REPORT, "utf8"));
  const failed = report.numFailedTests;
  return {
    passed: report.numPassedTests,
    failed,
    skipped: report.numPendingTests + report.numTodoTests,
    ok: report.success === true && failed === 0 && report.numPassedTests > 0,
  };
}

function node(script, args) {
  return run(process.execPath, [path.join("node_modules", script), ...args]);
}

function run(command, args) {
  const env = { ...process.env, TURBO_TELEMETRY_DISABLED: "1", LANCEDB_LOG: process.env.LANCEDB_LOG ?? "error" };
  const result = spawnSync(command, args, { cwd: ROOT, stdio: "inherit", env, shell: command.endsWith(".cmd") });
  if (result.error !== undefined) process.stderr.write(`${command}: ${result.error.message}\n`);
  return result.status ?? 1;
}

function readJson(file) {
  return JSON.parse(readFileSync(path.join(ROOT, file), "utf8"));
}
