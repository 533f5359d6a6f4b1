import { describe, expect, test } from "vitest";
import { listFiles, listMembers, readText } from "./source-tree.js";

const files = listFiles().filter((file) => /\.(ts|mjs|js|md|json|ya?ml|pg|gq|sh)$|^[A-Z]+$|^\.ci\//.test(file) && file !== "pnpm-lock.yaml");
const code = files.filter((file) => /\.(ts|mjs|js)$/.test(file));
const source = code.filter((file) => /^(packages|apps)\/[^/]+\/src\//.test(file) && !/\.(test|bench)\.ts$/.test(file));

const SOURCE_LINES_MAX = 600;
const TEST_LINES_MAX = 1_000;

/** This file spells the marks apart, so that it does not find itself. */
const UNFINISHED = new RegExp(["TO" + "DO", "FIX" + "ME", "XX" + "X\\b", "HA" + "CK\\b", "not " + "implemented", "un" + "implemented"].join("|"));
/** `omnigraph config migrate` writes placeholders that are marked with one of the words, for its users to fill in. */
const WRITES_MARKS = /^packages\/cli\/(src\/legacy\/migration\/|test\/legacy\/config-migrate\.test\.ts$)/;
const OUT_OF_PLACE = new RegExp(["registry\\." + "npmjs", "/wo" + "rk/", "/fa" + "rm/", "sub" + "agent"].join("|"), "i");

function linesMatching(list: readonly string[], pattern: RegExp): string[] {
  return list.flatMap((file) =>
    readText(file)
      .split("\n")
      .flatMap((line, index) => (pattern.test(line) ? [`${file}:${index + 1} ${line.trim().slice(0, 80)}`] : [])),
  );
}

describe("the tree is tidy", () => {
  test("there are files to check", () => {
    expect(source.length).toBeGreaterThan(50);
  });

  test("no leftover marks in code", () => {
    expect(linesMatching(code.filter((file) => !WRITES_MARKS.test(file)), UNFINISHED)).toEqual([]);
  });

  test("no registry host and no machine path in any file", () => {
    expect(linesMatching(files, OUT_OF_PLACE)).toEqual([]);
  });

  test("no test is skipped without a condition, focused or empty", () => {
    const marks = /\b(?:it|test|describe)\.(?:skip|only|todo)\(|expect\(true\)/;
    expect(linesMatching(code.filter((file) => file.endsWith(".test.ts")), marks)).toEqual([]);
  });

  test("no file grows beyond its ceiling", () => {
    const tooLong = code
      .filter((file) => !file.includes(".generated."))
      .map((file) => ({ file, lines: readText(file).split("\n").length }))
      .filter(({ file, lines }) => lines > (source.includes(file) ? SOURCE_LINES_MAX : TEST_LINES_MAX))
      .map(({ file, lines }) => `${file}: ${lines} lines`);
    expect(tooLong).toEqual([]);
  });

  test("folders and files are named for what they hold", () => {
    expect(files.filter((file) => /(^|\/)(utils?|helpers?|misc|lib|common-utils)(\/|\.ts$)/.test(file))).toEqual([]);
  });

  test("file names are kebab-case", () => {
    const wrong = source.filter((file) => !/^[a-z0-9-]+(\.[a-z0-9-]+)*\.ts$/.test(file.split("/").at(-1) ?? ""));
    expect(wrong).toEqual([]);
  });

  test("source is printable text without control or invisible characters", () => {
    // Letters of any script may appear in prose; what must not is anything a reviewer cannot see.
    const invisible = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00a0\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;
    expect(linesMatching(source, invisible)).toEqual([]);
  });

  test("files end with one line break and hold no tabs or trailing blanks", () => {
    const wrong = code.filter((file) => {
      const text = readText(file);
      return text !== "" && (!text.endsWith("\n") || text.endsWith("\n\n") || /[ \t]+\n/.test(text) || text.includes("\t"));
    });
    expect(wrong).toEqual([]);
  });
});

describe("the packages are sane", () => {
  const members = listMembers();

  test.each(members.map((member) => [member.manifest.name, member] as const))("%s has a complete package.json", (_name, { folder, manifest }) => {
    expect(manifest.license).toBe("Apache-2.0");
    expect(manifest.type).toBe("module");
    expect(manifest.engines?.["node"]).toBe(">=20.19");
    expect(manifest.description).toMatch(/\S/);
    expect(manifest.scripts?.["build"]).toMatch(/^tsc -b( && node bundle\.mjs)?$/);
    expect(files).toContain(`${folder}/README.md`);
    expect(files).toContain(`${folder}/turbo.json`);
    expect(manifest.version).toBe(members[0]?.manifest.version);
  });

  test("dependencies come from the catalog or the workspace, so that each has one version", () => {
    const wrong = members.flatMap(({ manifest }) =>
      Object.entries({ ...manifest.dependencies, ...manifest.devDependencies })
        .filter(([, range]) => range !== "catalog:" && range !== "workspace:*")
        .map(([name, range]) => `${manifest.name}: ${name}@${range}`),
    );
    expect(wrong).toEqual([]);
  });

  test("every export names a source file that exists, and the built files that follow from it", () => {
    const wrong = members.flatMap(({ folder, manifest }) =>
      Object.entries(manifest.exports ?? {}).flatMap(([entry, target]) => {
        const sourceFile = target["@omnigraphdb/source"] ?? "";
        const built = sourceFile.replace("./src/", "./dist/").replace(/\.ts$/, "");
        const ok = files.includes(`${folder}/${sourceFile.slice(2)}`) && (entry === "./test-support" || (target["types"] === `${built}.d.ts` && target["default"] === `${built}.js`));
        return ok ? [] : [`${manifest.name} ${entry}`];
      }),
    );
    expect(wrong).toEqual([]);
  });
});
