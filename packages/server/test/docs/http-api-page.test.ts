/** The requests of docs/user/http-api.md, in order, against a server; the answers are those that the page shows. */
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { makeTempDir } from "@omnigraphdb/testkit";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestServer, type TestServer } from "../../test-support/index.js";
import { type HttpExample, type HttpRequest, matchesJson, parseCurl, patternOf, readHttpExamples } from "./http-examples.js";

const SCHEMA = `
node Account {
    code: String @key
    name: String?
    revenue: I64?
    logo: Blob?
}
edge Owns: Account -> Account
`;

const RECORDS = [
  '{"type":"Account","data":{"code":"acc-1","name":"Nordlicht GmbH","revenue":9007199254740993,"logo":"base64:iVBORw0KGgo="}}',
  '{"type":"Account","data":{"code":"acc-2","name":"Südwind AG","revenue":12}}',
  '{"edge":"Owns","from":"acc-1","to":"acc-2"}',
].join("\n");

const TOP = `query top_accounts($min: I64) @description("Accounts by revenue") {
  match { $a: Account
    $a.revenue >= $min }
  return { $a.name, $a.revenue }
  order { $a.revenue desc }
}`;

const POLICY = `version: 1
groups: { team: [ann] }
rules:
  - id: everything
    allow: { actors: { group: team }, actions: [read, export, change, schema_apply, branch_create, branch_delete, branch_merge, invoke_query] }
`;

const SERVER_POLICY = `version: 1
groups: { team: [ann] }
rules: [{ id: list, allow: { actors: { group: team }, actions: [graph_list] } }]
`;

const TOKEN = "page-token-93ab";
const examples = readHttpExamples(new URL("../../../../docs/user/http-api.md", import.meta.url));

let folder: Awaited<ReturnType<typeof makeTempDir>>;
let server: TestServer;
/** Ids that later requests of the page use. */
const variables: Record<string, string> = {};

beforeAll(async () => {
  folder = await makeTempDir();
  await writeAppliedCluster(folder.path, {
    graphs: { crm: { schema: SCHEMA, data: RECORDS, queries: { top_accounts: TOP } } },
    policies: { team: { text: POLICY, appliesTo: ["graph.crm"] }, list: { text: SERVER_POLICY, appliesTo: ["cluster"] } },
  });
  server = await startTestServer({ cluster: folder.path, env: { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: JSON.stringify({ ann: TOKEN }) } });
  Object.assign(variables, { SERVER: server.url, URL: `${server.url}/graphs/crm`, AUTH: `Authorization: Bearer ${TOKEN}`, JSON: "Content-Type: application/json" });
});

afterAll(async () => {
  await server.stop();
  await folder[Symbol.asyncDispose]();
});

test("there are examples", () => {
  expect(examples.length).toBeGreaterThan(20);
});

// One page is one session: each request builds on those before it.
test.each(examples)("$command", async (example) => {
  const request = parseCurl(example.command, variables);
  const response = await send(request);
  const text = await response.text();
  remember(text);
  const shown = request.showsHead ? `${headOf(response)}${text}` : text;
  if (!isAsShown(example, shown)) expect(shown).toBe(example.answer);
});

function send({ url, method, headers, body }: HttpRequest): Promise<Response> {
  return fetch(url, { method, headers, redirect: "manual", ...(body === undefined ? {} : { body }) });
}

function isAsShown({ language, answer }: HttpExample, text: string): boolean {
  if (language === "json") return matchesJson(JSON.parse(answer), JSON.parse(text));
  return patternOf(answer.trimEnd()).test(text.trimEnd());
}

function headOf({ status, headers }: Response): string {
  const shown = [...headers].filter(([name]) => !/^(connection|date|keep-alive|x-request-id|transfer-encoding)$/.test(name)).sort(([a], [b]) => (a < b ? -1 : 1));
  return `HTTP/1.1 ${status}\n${shown.map(([name, value]) => `${name}: ${value}\n`).join("")}\n`;
}

/** The newest commit and cursor, as a reader of the page would copy them. */
function remember(text: string): void {
  const commit = /"graph_commit_id":"([^"]+)"/.exec(text)?.[1];
  const cursor = /"(?:resume_cursor|cursor)":"([^"]+)"/.exec(text)?.[1];
  if (commit !== undefined) variables["COMMIT"] = commit;
  if (cursor !== undefined) variables["CURSOR"] = cursor;
}
