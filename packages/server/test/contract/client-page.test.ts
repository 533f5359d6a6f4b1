import { readFile, rm, writeFile } from "node:fs/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { DisposalStack } from "@omnigraphdb/common";
import { makeTempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { startTestServer } from "../../test-support/index.js";

const PAGE = fileURLToPath(new URL("../../../../docs/user/client.md", import.meta.url));
const TOKEN = "billing-token-19af";

const BUNDLE = `version: 1
groups: { team: [svc-billing] }
rules:
  - id: everything
    allow: { actors: { group: team }, actions: [read, export, change, branch_create, branch_delete, branch_merge] }
`;

const DATA = `{"type":"Account","data":{"code":"a","revenue":9007199254740993,"score":2}}
{"type":"Account","data":{"code":"b","revenue":4100}}
{"type":"Account","data":{"code":"c","revenue":10}}
`;

const stack = new DisposalStack();
let url = "";

beforeAll(async () => {
  const folder = await makeTempDir();
  stack.defer(async () => await folder[Symbol.asyncDispose]());
  const schema = (await readFile(PAGE, "utf8")).split("```text\n")[1]?.split("```")[0]?.replaceAll("  ", "\n") ?? "";
  await writeAppliedCluster(folder.path, { graphs: { crm: { schema, data: DATA } }, policies: { team: { text: BUNDLE, appliesTo: ["graph.crm"] } } });
  const server = await startTestServer({ cluster: folder.path, env: { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: JSON.stringify({ "svc-billing": TOKEN }) } });
  stack.defer(async () => {
    await server.stop();
  });
  url = server.url;
}, 60_000);
afterAll(() => stack.dispose());

/** What each `console.log` prints is in the comment behind it. */
test("the examples of the client page do what their comments say", { timeout: 60_000 }, async () => {
  const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
  const { inspect } = await import("node:util");
  const blocks = [...(await readFile(PAGE, "utf8")).matchAll(/^```typescript\n([\s\S]*?)^```$/gm)].map((match) => match[1] ?? "");
  expect(blocks.length).toBe(6);
  for (const [index, block] of blocks.entries()) {
    log.mockClear();
    const expected = [...block.matchAll(/console\.log\(.*\); \/\/ (.*)$/gm)].map((match) => match[1]);
    const file = fileURLToPath(new URL(`./.client-page-${process.pid}-${index}.ts`, import.meta.url));
    await writeFile(file, block.replace("https://graphs.example.com", url).replace("process.env.OMNIGRAPH_TOKEN", JSON.stringify(TOKEN)));
    try {
      await import(/* @vite-ignore */ pathToFileURL(file).href);
    } finally {
      await rm(file);
    }
    const printed = log.mock.calls.map((values) => values.map((value: unknown) => (typeof value === "string" ? value : inspect(value))).join(" "));
    expect(printed, `example ${index + 1}`).toEqual(expected);
  }
  log.mockRestore();
});
