import { makeTempDir, type TempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { validateCluster } from "../../src/config/validate-cluster.js";
import { DIAGNOSTIC_CODES } from "../../src/diagnostics/diagnostic-codes.js";
import { writeConfigDirectory } from "../../test-support/config-directory.js";
import { type ConfigCase, FILE_CASES, RESOURCE_CASES } from "./config-cases.js";

let temp: TempDir;
let count = 0;

beforeAll(async () => {
  temp = await makeTempDir();
});
afterAll(() => temp[Symbol.asyncDispose]());

async function findingsOf({ clusterYaml, files }: ConfigCase): Promise<readonly string[]> {
  const directory = `${temp.path}/${count++}`;
  await writeConfigDirectory(directory, { clusterYaml, ...(files === undefined ? {} : { files }) });
  const { diagnostics, isOk } = await validateCluster({ configDirectory: directory });
  expect(isOk).toBe(!diagnostics.some(({ severity }) => severity === "error"));
  for (const { message } of diagnostics) {
    expect(message).not.toContain("secret");
    expect(message).not.toContain("\n");
  }
  return diagnostics
    .filter(({ code }) => !code.startsWith("external_blob_ingress"))
    .map(({ code, path, place }) => `${code} ${path} ${place?.file}:${place?.line}:${place?.column}`.replaceAll(directory, "DIR").replace(/ DIR\/([^ ]*)$/, " $1"));
}

describe("cluster.md §2.2–2.5: the file and its header", () => {
  test.each(FILE_CASES.map((row) => [row.name, row] as const))("%s", async (_, row) => {
    expect(await findingsOf(row)).toEqual(row.findings);
  });
});

describe("cluster.md §2.6–2.9 and §15: resources", () => {
  test.each(RESOURCE_CASES.map((row) => [row.name, row] as const))("%s", async (_, row) => {
    expect(await findingsOf(row)).toEqual(row.findings);
  });
});

describe("cluster.md §17", () => {
  const CONFIG_AREAS = ["file", "header", "ids and schemas", "queries", "policies", "references", "providers", "blobs"];
  /** What other tests produce: no file to write, or a warning that the tables leave out. */
  const ELSEWHERE = ["config_dir_not_found", "external_blob_ingress_default_deny", "external_blob_ingress_unsupported"];

  test("every code of the configuration is in a table above", () => {
    const produced = new Set([...FILE_CASES, ...RESOURCE_CASES].flatMap(({ findings }) => findings.map((finding) => finding.split(" ")[0])));
    const expected = Object.entries(DIAGNOSTIC_CODES).filter(([, { area }]) => CONFIG_AREAS.includes(area)).map(([code]) => code);
    expect(expected.filter((code) => !produced.has(code) && !ELSEWHERE.includes(code))).toEqual([]);
  });
});
