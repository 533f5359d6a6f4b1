/**
 * Policy §12.9: whatever the bundles say, HTTP, MCP and the engine do what the model of the specification says, on every route of
 * http-api §23 and with every tool of server.md 12.4; and a denial shows nothing that the actor may not know (§5.4).
 */
import { createHash } from "node:crypto";
import { ROUTES } from "@omnigraphdb/api-types";
import { type PolicyAction, PolicyDeniedError } from "@omnigraphdb/common";
import { type BundleDocument, bundleDocuments, expectedDecision, expectedEver, policyText } from "@omnigraphdb/policy/test-support";
import type { Graph } from "@omnigraphdb/engine";
import fc from "fast-check";
import { expect, test } from "vitest";
import { neutral, type Operation, OPERATIONS, type Place, QUERIES, RECORD, SCHEMA, SECRET } from "./operations.js";
import { type Answer, PolicyApp, type PolicedGraph, tokenOf } from "./policy-app.js";

const ACTORS = ["actor-ann", "actor-bob", "actor-cyd", "stranger"] as const;
const MEMBERS = fc.constantFrom("actor-ann", "actor-bob", "actor-cyd");
/** Some exist, some only look like ones that do: padded, other letters of the same shape, other case, escapes. */
const BRANCHES = ["main", "draft", "ghost", "import/july", " main ", "\u00a0main", "\ufeffmain\n", "m\u0430in", "MAIN", "main\u200b", "ma\u0131n", "dra%66t", "draft%2F", "../main"] as const;
const GROUPS = fc.constantFrom("team-red", "team-blue", "team-green");

const graphBundles = bundleDocuments({ actors: MEMBERS, groups: GROUPS, branches: fc.constantFrom("main", "draft", "ghost"), ruleIds: fc.constantFrom("rule-1", "rule-2", "rule-3", "rule-4", "rule-5", "rule-6"), rulesMax: 6 });
const serverBundles = fc.array(MEMBERS, { minLength: 1, maxLength: 2 }).map(
  (listers): BundleDocument => ({ version: 1, groups: { "team-red": listers }, protected_branches: [], rules: [{ id: "rule-list", allow: { actors: { group: "team-red" }, actions: ["graph_list"] } }] }),
);
const question = fc.record({
  graph: fc.constantFrom(0, 1),
  actor: fc.constantFrom(...ACTORS),
  operation: fc.constantFrom(...(Object.keys(OPERATIONS) as (keyof typeof OPERATIONS)[])),
  branch: fc.oneof(fc.constantFrom("main", "draft", "ghost"), fc.constantFrom(...BRANCHES)),
  other: fc.constantFrom("main", "draft", "ghost"),
});
type Question = (typeof question) extends fc.Arbitrary<infer T> ? T : never;

/** One graph and what its bundle says, by the model. */
interface Site {
  readonly policed: PolicedGraph;
  readonly address: string;
  readonly document: BundleDocument;
}

const rpc = (method: string, params: object): object => ({ jsonrpc: "2.0", id: 1, method, params });

class Agreement {
  readonly #app: PolicyApp;
  readonly counts = { allowed: 0, denied: 0, masked: 0, twins: 0, tools: 0 };

  constructor(app: PolicyApp) {
    this.#app = app;
  }

  async check(documents: readonly BundleDocument[], server: BundleDocument, questions: readonly Question[]): Promise<void> {
    const sites = this.#app.graphs.map((policed, at): Site => ({ policed, address: `/graphs/${policed.id}`, document: documents[at] as BundleDocument }));
    for (const { policed, document } of sites) policed.policy.set(policyText(document));
    this.#app.serverPolicy.set(policyText(server));
    for (const actor of ACTORS) await this.#checkServer(server, actor);
    for (const { graph, actor, operation: name, branch, other } of questions) {
      const site = sites[graph] as Site;
      const operation = OPERATIONS[name];
      const label = JSON.stringify({ graph, actor, name, branch, other });
      await this.#checkHttp(site, actor, operation, { branch, other }, label);
      await this.#checkTool(site, actor, operation, { branch, other }, label);
      await this.#checkEngine(site, actor, operation, { branch, other }, label);
    }
    for (const { graph, actor } of questions.slice(0, 2)) await this.#checkMenus(sites[graph] as Site, actor);
  }

  /** Neither the list of graphs nor what MCP says of it depends on any graph's bundle. */
  async #checkServer(document: BundleDocument, actor: string): Promise<void> {
    const { isAllowed } = expectedDecision(document, actor, { action: "graph_list" });
    const listed = await this.#app.send(actor, "", { method: "GET", path: "/graphs" });
    const called = await this.#rpc(actor, "", "tools/call", { name: "graphs_list", arguments: {} });
    const read = await this.#rpc(actor, "", "resources/read", { uri: "omnigraph://graphs" });
    if (isAllowed) {
      expect(listed.status).toBe(200);
      for (const { text } of [listed, called, read]) expect(text).toContain("crm");
      return;
    }
    expect(listed.status).toBe(403);
    expect(called.text).toBe((await this.#rpc(actor, "", "tools/call", { name: "no_such_tool", arguments: {} })).text);
    expect(read.text).toBe((await this.#rpc(actor, "", "resources/read", { uri: "omnigraph://nothing" })).text);
    for (const { text } of [listed, called, read]) expect(text).not.toMatch(/crm|kb/);
  }

  async #checkHttp(site: Site, actor: string, operation: Operation, named: Pick<Place, "branch" | "other">, label: string): Promise<void> {
    const before = await this.#state(site);
    const place = { ...named, ...before };
    const answer = await this.#app.send(actor, site.address, operation.call(place));
    const { status, text } = answer;
    const isHead = operation.call(place).method === "HEAD";
    if (this.#allows(site, actor, operation, place)) {
      this.counts.allowed++;
      expect([401, 403], `${label} ${text}`).not.toContain(status);
      expect(status, `${label} ${text}`).toBeLessThan(500);
      return;
    }
    if (operation.mask !== undefined && !this.#allowsFirst(site, actor, operation, place)) {
      this.counts.masked++;
      const unknown = await this.#app.send(actor, site.address, operation.mask(place));
      expect([status, neutral(text, place), answer.headers], label).toEqual([404, neutral(unknown.text, place), unknown.headers]);
    } else {
      this.counts.denied++;
      expect(status, `${label} ${text}`).toBe(403);
      if (!isHead) expect(JSON.parse(text), label).toMatchObject({ code: "forbidden", error_code: "POLICY_DENIED" });
      await this.#checkTwin(site, actor, operation, place, answer, label);
    }
    this.#checkSilence(actor, answer, label);
    expect(await this.#state(site), label).toEqual(before);
  }

  /** The same about a branch that is not there, or is, and is as protected: denied as well, it is denied in the same bytes. */
  async #checkTwin(site: Site, actor: string, operation: Operation, place: Place, answer: Answer, label: string): Promise<void> {
    const swapped = (name: string): string => (name === "draft" ? "ghost" : name === "ghost" ? "draft" : name);
    const twin = { ...place, branch: swapped(place.branch), other: swapped(place.other) };
    const { protected_branches: listed } = site.document;
    if (listed.includes("draft") !== listed.includes("ghost") || this.#allows(site, actor, operation, twin)) return;
    this.counts.twins++;
    const other = await this.#app.send(actor, site.address, operation.call(twin));
    const faceless = ({ status, text, headers }: Answer): readonly unknown[] => [status, text.replaceAll(/draft|ghost/g, "…"), headers];
    expect(faceless(other), label).toEqual(faceless(answer));
  }

  async #checkTool(site: Site, actor: string, operation: Operation, named: Pick<Place, "branch" | "other">, label: string): Promise<void> {
    const { tool } = operation;
    if (tool === undefined) return;
    this.counts.tools++;
    const before = await this.#state(site);
    const place = { ...named, ...before };
    const answer = await this.#rpc(actor, site.address, "tools/call", { name: tool.name, arguments: tool.args(place) });
    const unknown = await this.#rpc(actor, site.address, "tools/call", { name: "no_such_tool", arguments: tool.args(place) });
    expect(answer.status, label).toBe(200);
    if (this.#allows(site, actor, operation, place)) {
      expect(answer.text, label).not.toBe(unknown.text);
      expect(answer.text, label).not.toMatch(/POLICY_DENIED|internal error/);
      return;
    }
    const isLookedUp = tool.name === "commit_changes" && expectedEver(site.document, actor, "read");
    if (isLookedUp) expect(answer.text, label).toMatch(/"isError":true.*COMMIT_NOT_FOUND|COMMIT_NOT_FOUND.*"isError":true/);
    else expect(answer.text, label).toBe(unknown.text);
    this.#checkSilence(actor, answer, label);
    expect(await this.#state(site), label).toEqual(before);
  }

  async #checkEngine(site: Site, actor: string, operation: Operation, named: Pick<Place, "branch" | "other">, label: string): Promise<void> {
    if (operation.engine === undefined) return;
    const before = await this.#state(site);
    const place = { ...named, ...before };
    const isAllowed = this.#allows(site, actor, operation, place);
    const failure = await operation.engine(site.policed.graph, actor, place).then(() => undefined, (error: unknown) => error);
    expect(failure instanceof PolicyDeniedError, `${label} ${String(failure)}`).toBe(!isAllowed);
    if (!isAllowed) expect(await this.#state(site), label).toEqual(before);
  }

  /** Tools and resources that are offered are those that may succeed on main (server.md 12.5.1, 12.8). */
  async #checkMenus({ address, document }: Site, actor: string): Promise<void> {
    const onMain = (action: PolicyAction): boolean => expectedDecision(document, actor, action === "invoke_query" ? { action } : { action, branch: "main" }).isAllowed;
    const ever = (action: PolicyAction): boolean => expectedEver(document, actor, action);
    const invokes = onMain("invoke_query");
    const expected = [
      "health",
      ...(onMain("read") ? ["snapshot", "schema_get", "branches_list", "commits_list", "commits_get", "commit_changes", "diff", "query"] : []),
      ...(onMain("change") ? ["mutate", "load"] : []),
      ...(["branch_create", "branch_delete", "branch_merge"] as const).filter(ever).map((action) => `branches_${action.slice("branch_".length)}`),
      ...(invokes && onMain("read") ? ["codes"] : []),
      ...(invokes && onMain("change") ? ["prune"] : []),
    ];
    const { text } = await this.#rpc(actor, address, "tools/list", {});
    const { result } = JSON.parse(text) as { readonly result: { readonly tools: readonly { readonly name: string }[] } };
    expect(result.tools.map(({ name }) => name).sort()).toEqual(expected.sort());
    const missing = await this.#rpc(actor, address, "resources/read", { uri: "omnigraph://nothing" });
    for (const uri of ["omnigraph://schema", "omnigraph://branches"]) {
      const isSame = (await this.#rpc(actor, address, "resources/read", { uri })).text === missing.text;
      expect([uri, isSame]).toEqual([uri, !expectedDecision(document, actor, { action: "read" }).isAllowed]);
    }
  }

  #allows({ document }: Pick<Site, "document">, actor: string, { asks }: Operation, place: Place): boolean {
    return asks(place).every((request) => expectedDecision(document, actor, request).isAllowed);
  }

  #allowsFirst({ document }: Site, actor: string, { asks }: Operation, place: Place): boolean {
    return asks(place).slice(0, 1).every((request) => expectedDecision(document, actor, request).isAllowed);
  }

  #checkSilence(actor: string, { text, headers }: Answer, label: string): void {
    const all = `${text} ${JSON.stringify(headers)}`;
    expect(all, label).not.toMatch(/team-|rule-/);
    for (const secret of [SECRET, tokenOf(actor), ...ACTORS.filter((other) => other !== actor)]) expect(all, label).not.toContain(secret);
  }

  /** What there is; `draft` is among it, with a commit of its own. */
  async #state({ policed: { graph, policy } }: Site): Promise<Pick<Place, "existing" | "commitId" | "draftCommitId">> {
    const existing = new Set(await graph.branchList());
    const draftCommitId = existing.has("draft") ? await ownCommit(graph) : undefined;
    return { existing: existing.add("draft"), commitId: await graph.headCommitId(), draftCommitId: draftCommitId ?? (await policy.withoutAny(() => makeDraft(graph))) };
  }

  #rpc(actor: string, address: string, method: string, params: object): Promise<Answer> {
    return this.#app.send(actor, address, { method: "POST", path: "/mcp", body: rpc(method, params) });
  }
}

/** The newest that was made on `draft`. */
async function ownCommit(graph: Graph): Promise<string | undefined> {
  return (await graph.listCommits({ branch: "draft" })).find(({ graphBranch }) => graphBranch === "draft")?.graphCommitId;
}

async function makeDraft(graph: Graph): Promise<string> {
  const { commit } = await graph.load('{"type":"Account","data":{"code":"drafted"}}', { mode: "merge", branch: "draft", base: "main", actor: "setup" });
  return commit?.graphCommitId ?? "";
}

test("every operation of the route table is asked", () => {
  expect(Object.keys(OPERATIONS).sort()).toEqual([...Object.keys(ROUTES).filter((id) => id !== "health" && id !== "listGraphs"), "snapshotOfDraft"].sort());
});

test("policy §12.9 §12.11 §5.4 HTTP, MCP, the engine and the model agree on every route and tool, and a denial shows nothing", { timeout: 60_000 }, async () => {
  await using app = await PolicyApp.start({ graphIds: ["crm", "kb"], actors: ACTORS, schema: SCHEMA, data: RECORD, queries: QUERIES });
  const agreement = new Agreement(app);
  await fc.assert(
    fc.asyncProperty(fc.tuple(graphBundles, graphBundles), serverBundles, fc.array(question, { minLength: 12, maxLength: 12 }), (documents, server, questions) => agreement.check(documents, server, questions)),
    { numRuns: 8 },
  );
  const { allowed, denied, masked, twins, tools } = agreement.counts;
  expect(allowed).toBeGreaterThan(5);
  expect(denied).toBeGreaterThan(50);
  expect(masked).toBeGreaterThan(2);
  expect(twins).toBeGreaterThan(30);
  expect(tools).toBeGreaterThan(40);
  const log = app.logLines.join("\n");
  expect(app.logLines.length).toBeGreaterThan(500);
  expect(log).toContain('"policy decision"');
  for (const secret of ["Bearer", SECRET, "drafted", ...ACTORS.flatMap((actor) => [tokenOf(actor), createHash("sha256").update(tokenOf(actor)).digest("hex")])]) expect(log).not.toContain(secret);
});

test("policy §2.2 with tokens and without bundles every route and tool only reads, and invocation is masked", async () => {
  await using app = await PolicyApp.start({ graphIds: ["crm"], actors: ["stranger"], schema: SCHEMA, data: RECORD, queries: QUERIES, hasBundles: false });
  const [{ graph }] = app.graphs as [PolicedGraph];
  const draftCommitId = await makeDraft(graph);
  const before = [await graph.branchList(), await graph.headCommitId(), await graph.headCommitId("draft")];
  const callTool = async (name: string, args: object): Promise<string> => (await app.send("stranger", "/graphs/crm", { method: "POST", path: "/mcp", body: rpc("tools/call", { name, arguments: args }) })).text;
  const unknownTool = await callTool("no_such_tool", {});
  for (const [name, { call, asks, mask, tool }] of Object.entries(OPERATIONS)) {
    for (const branch of ["draft", "ghost"]) {
      const place = { existing: new Set(["main", "draft"]), commitId: await graph.headCommitId(), draftCommitId, branch, other: "main" };
      const requests = asks(place);
      const isAllowed = requests.every(({ action }) => action === "read");
      const { status, text } = await app.send("stranger", "/graphs/crm", call(place));
      const isMasked = mask !== undefined && requests[0]?.action !== "read";
      if (isAllowed) expect([name, status < 500 && status !== 401 && status !== 403]).toEqual([name, true]);
      else expect([name, status, text]).toEqual([name, isMasked ? 404 : 403, expect.stringContaining(isMasked ? "stored query not found" : "default-deny") as string]);
      if (tool !== undefined) expect([name, (await callTool(tool.name, tool.args(place))) === unknownTool]).toEqual([name, !isAllowed]);
    }
  }
  expect((await app.send("stranger", "", { method: "GET", path: "/graphs" })).status).toBe(403);
  expect([await graph.branchList(), await graph.headCommitId(), await graph.headCommitId("draft")]).toEqual(before);
});
