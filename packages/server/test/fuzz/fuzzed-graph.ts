import fc from "fast-check";
import type { Hints } from "./planned-requests.js";

const TEXTS = {
  read: "query q($p: String) { match { $a: Account { code: $p } } return { $a.code, $a.name, $a.big } }",
  all: "query all() { match { $a: Account $a owns $b } return { $a as node, $b.code as code } order { code asc } limit 5 }",
  count: "query n() { match { $a: Account } return { count($a) as n } }",
  change: "query r($p: String) { update Account set { name: $p } where code = $p }",
  insert: 'query i() { insert Account { code: "new", spend: 2.5 } }',
  remove: 'query d() { delete Account where code = "new" }',
};

const SCHEMA = (extra: string): string => `
node Account {
    code: String @key
    name: String?
    spend: F64?
    big: I64?
    logo: Blob?${extra}
}
edge Owns: Account -> Account { since: Date? }
`;

const RECORDS = [
  '{"type":"Account","data":{"code":"c","name":"Cem","big":-9007199254740993}}\n',
  '{"type":"Account","data":{"code":"a","logo":"base64:aGVsbG8="}}\n{"edge":"Owns","from":"a","to":"a"}',
  '{"type":"Account","data":{"code":"d","nick":"x"}}',
  '{"type":"Account","data":{"code":7}}',
  '{"edge":"Owns","from":"a","to":"ghost"}',
  '{"type":"Ghost","data":{}}',
  "",
  "{",
];

const branch = often("main", " main ", "other", "feature/x", "ghost");
const commit = fc.constantFrom("«commit:0»", "«commit:1»", "«commit:5»", "01J8Z5W6T4Q8M3N2K1H0G9F8E7");
const text = fc.constantFrom(...Object.values(TEXTS));
const records = fc.constantFrom(...RECORDS);
const writes = fc.constantFrom(TEXTS.change, TEXTS.insert, TEXTS.remove);
const types = fc.constantFrom("Account", "Owns", "Ghost");
const absent = fc.constant(null);

/** The first three times out of four. */
function often(usual: string, ...others: readonly string[]): fc.Arbitrary<string> {
  return fc.oneof({ weight: 3, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: fc.constantFrom(...others) });
}

/** What the names of the document mean for the graph of the fixture. */
export const HINTS: Hints = {
  "path.graph_id": often("crm", "kb", "ghost", "broken", "policies"),
  "path.name": fc.constantFrom("accounts", "rename", "rename", "ghost"),
  "path.branch": fc.constantFrom("other", "feature/x", "ghost", "main"),
  "path.commit_id": commit,
  "query.entity": often("node", "edge"),
  "query.type": often("Account", "Owns", "Ghost"),
  "query.id": often("a", "b", "ghost"),
  "query.property": often("logo", "name"),
  "query.start": fc.constantFrom("now", "beginning", "after:«commit:1»", "never"),
  "query.cursor": fc.constantFrom("«cursor:0»", "«cursor:2»"),
  "query.page_token": fc.constantFrom("«page_token:0»", "«page_token:1»"),
  "query.limit": fc.constantFrom(0, 1, 2, 100, 8192, 8193),
  "header.Omnigraph-If-Graph-Commit": often("«commit:0»", "«commit:3»", "01J8Z5W6T4Q8M3N2K1H0G9F8E7"),
  "BranchCreateRequest.name": often("other", "feature/x", "other/y", "m\u0430in"),
  "SchemaApplyRequest.schema_source": fc.constantFrom(SCHEMA(""), SCHEMA("\n    nick: String?"), SCHEMA("\n    nick: Ghost"), "node {"),
  "ExportRequest.type_names": fc.array(types, { maxLength: 2 }),
  "ChangeBaselineRequest.type": fc.array(types, { maxLength: 2 }),
  // A name selects one of several queries of a text, and the texts hold one each.
  "QueryRequest.name": fc.constantFrom("q", "ghost"),
  "ChangeRequest.query": writes,
  "ChangeRequest.name": absent,
  "ChangeRequest.query_source": absent,
  "ChangeRequest.query_name": absent,
  "InvokeStoredQueryRequest.params": fc.oneof({ weight: 3, arbitrary: fc.constant({ code: "a", name: "Al" }) }, { weight: 1, arbitrary: fc.constantFrom({ code: "zz" }, { code: 1 }, null) }),
  query: text,
  query_source: text,
  params: fc.oneof(fc.constantFrom({ p: "a" }, { p: 9_007_199_254_740_993n }, { p: null }, { q: 1 }), absent),
  timeout_ms: fc.constantFrom(1, 60_000),
  branch,
  from: branch,
  to: branch,
  source: fc.constantFrom("other", "feature/x", "main", "ghost"),
  target: branch,
  snapshot: fc.oneof(absent, commit),
  data: records,
  records,
};

/** Ids, cursors and tokens that answers have held; requests name them as `«commit:0»`: commits newest first, others as they were seen last. */
export class SeenValues {
  readonly #byKind: ReadonlyMap<string, string[]> = new Map([["commit", []], ["cursor", []], ["page_token", []]]);

  learn(value: unknown): void {
    if (typeof value !== "object" || value === null) return;
    for (const [member, inner] of Object.entries(value)) {
      this.learn(inner);
      if (typeof inner !== "string") continue;
      const kind = /(?:^|_)(commit)_id$/.exec(member)?.[1] ?? /(?:^|_)(cursor|page_token)$/.exec(member)?.[1];
      const seen = this.#byKind.get(kind ?? "");
      if (seen?.includes(inner) === false) seen.unshift(inner);
      // A list of commits ends with the oldest; ids grow with time.
      if (kind === "commit") seen?.sort().reverse();
    }
  }

  fill(written: string): string {
    return written.replaceAll(/«(\w+):(\d+)»/g, (_, kind: string, index: string) => {
      const seen = this.#byKind.get(kind) ?? [];
      return seen[Math.min(Number(index), seen.length - 1)] ?? "none";
    });
  }
}
