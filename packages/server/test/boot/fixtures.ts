import type { AppliedClusterSpec, AppliedGraphSpec } from "@omnigraphdb/cluster/test-support";

export const SCHEMA = "node Person { name: String @key\n age: I64? }\n";

export const PEOPLE = ['{"type":"Person","data":{"name":"ann","age":31}}', '{"type":"Person","data":{"name":"bo","age":42}}', ""].join("\n");

export const ALL_PEOPLE = "query all_people() { match { $p: Person } return { $p.name } order { $p.name } }\n";

export const ADD_PERSON = "query add($name: String) { insert Person { name: $name } }\n";

export const PEOPLE_GRAPH: AppliedGraphSpec = { schema: SCHEMA, data: PEOPLE, queries: { all_people: ALL_PEOPLE } };

export const ANN = { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: '{"ann":"ann-token","bo":"bo-token"}' };

/** Lets ann do everything that the tests do, and bo only read. */
export const BUNDLE = `version: 1
groups:
  owners: [ann]
  readers: [bo]
rules:
  - id: owners
    allow: { actors: { group: owners }, actions: [read, change, export, branch_create, branch_merge, invoke_query] }
  - id: readers
    allow: { actors: { group: readers }, actions: [read] }
`;

export const SERVER_BUNDLE = `version: 1
groups:
  owners: [ann]
rules:
  - id: list
    allow: { actors: { group: owners }, actions: [graph_list] }
`;

export const TWO_GRAPHS: AppliedClusterSpec = { graphs: { crm: PEOPLE_GRAPH, kb: { schema: SCHEMA } } };

export interface Answer {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** One request, answered with JSON. */
export async function ask(url: string, path: string, { token, body, method }: { readonly token?: string; readonly body?: unknown; readonly method?: string } = {}): Promise<Answer> {
  const response = await fetch(url + path, {
    method: method ?? (body === undefined ? "GET" : "POST"),
    headers: { ...(token === undefined ? {} : { authorization: `Bearer ${token}` }), ...(body === undefined ? {} : { "content-type": "application/json" }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

export async function namesOf(url: string, graph = "/graphs/crm", token?: string): Promise<readonly unknown[]> {
  const { status, body } = await ask(url, `${graph}/query`, { body: { query: ALL_PEOPLE }, ...(token === undefined ? {} : { token }) });
  if (status !== 200) throw new Error(`status ${status}: ${JSON.stringify(body)}`);
  return (body["rows"] as readonly Record<string, unknown>[]).map((row) => Object.values(row)[0]);
}
