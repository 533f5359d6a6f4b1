import { manyAuthors } from "./fixture.js";

/** One argument list that both arms execute, without its address. */
export interface Row {
  readonly name: string;
  readonly argv: readonly string[];
  /** Takes `--as`. */
  readonly isWrite?: boolean;
  /** The exit code of both; default 0. */
  readonly exitCode?: number;
  /** Lines may come in any order (15.3). */
  readonly isUnordered?: boolean;
  /** A file that the command writes beside what it prints. */
  readonly file?: string;
  /** Run as the real program, in a process of its own: one row of every verb of §15.4. The others run the same code in this process. */
  readonly isBinary?: boolean;
  /** What only one arm has, so that only the exit code can be equal. */
  readonly isCodeOnly?: boolean;
}

export const FILES: Readonly<Record<string, string>> = {
  "params.json": '{"name": "Ada"}',
  "merge.jsonl": '{"type":"Author","data":{"handle":"ada","name":"Ada","rating":2}}\n{"type":"Book","data":{"isbn":"b3","title":"New","copies":1,"genre":"essay"}}\n{"edge":"Wrote","from":"cy","to":"b3","data":{"id":"w3"}}\n',
  "many.jsonl": manyAuthors(20_000, 1),
  "many-again.jsonl": ["ada", "bo", "cy"].map((handle) => `{"type":"Author","data":{"handle":"${handle}","name":"Again"}}\n`).join("") + manyAuthors(19_997, 2.5),
  "bad.jsonl": '{"type":"Author","data":{"handle":"x","name":"X"}}\n{"type":"Author","data":{"handle":"y","nme":"Y"}}\n',
  "taken.jsonl": '{"type":"Author","data":{"handle":"ada","name":"Ada"}}\n',
  "cut.jsonl": '{"type":"Author","data":{"handle":"x"',
};

const query = (name: string, ...rest: readonly string[]): readonly string[] => ["query", name, "--query", "queries.gq", ...rest];
const mutate = (name: string, params: string, ...rest: readonly string[]): readonly string[] => ["mutate", name, "--query", "queries.gq", "--params", params, ...rest];
const blob = (verb: string, id: string, ...rest: readonly string[]): readonly string[] => ["blob", verb, "node", "Author", id, "photo", ...rest];

/** A row for people, and the same with `--json`, which is the one of §15.4. */
function both(name: string, argv: readonly string[], more: Partial<Row> = {}): readonly Row[] {
  const { isBinary: _isBinary, ...rest } = more;
  return [{ name, argv, ...rest }, { name: `${name} --json`, argv: [...argv, "--json"], ...more }];
}

const FORMATS = ["table", "kv", "csv", "jsonl", "json"] as const;

/** Nothing here changes the graphs, so whatever these rows print is equal to the letter, ids and times included. */
export const READS: readonly Row[] = [
  ...FORMATS.flatMap((format) => ["authors", "books", "wrote", "nobody"].map((name): Row => ({ name: `query ${name} --format ${format}`, argv: query(name, "--format", format) }))),
  { isBinary: true, name: "query with --params", argv: query("named", "--params", '{"name":"Ada"}', "--json") },
  { name: "query with --params-file", argv: query("named", "--params-file", "params.json") },
  { name: "query with -e", argv: ["query", "-e", 'query q() { match { $a: Author } return { $a.rating as r, $a.rating as r2 } order { $a.handle asc } }', "--format", "csv"] },
  { name: "query --branch main", argv: query("authors", "--branch", "main", "--json") },
  { name: "query --snapshot", argv: query("authors", "--snapshot", "@2100-01-01T00:00:00Z", "--json"), },
  ...both("schema show", ["schema", "show"], { isBinary: true }),
  ...both("snapshot", ["snapshot"], { isBinary: true }),
  ...both("branch list", ["branch", "list"], { isBinary: true }),
  ...both("commit list", ["commit", "list"], { isBinary: true }),
  ...both("commit list --branch main", ["commit", "list", "--branch", "main"]),
  { isBinary: true, name: "export", argv: ["export"], isUnordered: true },
  { name: "export --type", argv: ["export", "--type", "Book"], isUnordered: true },
  { isBinary: true, name: "blob get", argv: blob("get", "ada") },
  { name: "blob get, a range", argv: blob("get", "ada", "--offset", "2", "--length", "3") },
  { name: "blob get, a range beyond the end is shortened", argv: blob("get", "ada", "--offset", "8", "--length", "100") },
  { name: "blob get, empty", argv: blob("get", "bo") },
  { name: "blob get, of an edge", argv: ["blob", "get", "edge", "Wrote", "w1", "contract"] },
  { name: "blob get --out", argv: blob("get", "ada", "--out", "%ARM%.bin"), file: "%ARM%.bin" },
  ...both("blob stat", blob("stat", "ada"), { isBinary: true }),
  ...both("blob stat, empty", blob("stat", "bo")),
  ...both("changes poll --start beginning", ["changes", "poll", "--start", "beginning"], { isBinary: true }),
  ...both("changes poll, filtered", ["changes", "poll", "--start", "beginning", "--kind", "node", "--type", "Book"]),
  { name: "explain", argv: ["explain", "wrote", "--query", "queries.gq", "--json"] },
  { isBinary: true, name: "changes baseline", argv: ["changes", "baseline", "--out", "%ARM%.jsonl", "--json"], file: "%ARM%.jsonl" },
];

/** On the newest commit of the fixture, whose id is known once it is there. */
export const commitReads = (commitId: string, firstCommitId: string): readonly Row[] => [
  ...both("commit show", ["commit", "show", commitId]),
  ...both("commit changes", ["commit", "changes", commitId]),
  { isBinary: true, name: "commit changes, filtered", argv: ["commit", "changes", commitId, "--kind", "edge", "--op", "insert", "--json"] },
  { name: "commit changes --limit 1", argv: ["commit", "changes", commitId, "--limit", "1", "--json"] },
  { name: "commit changes of the first commit", argv: ["commit", "changes", firstCommitId], exitCode: 1 },
  { name: "query --snapshot of the first commit", argv: query("authors", "--snapshot", firstCommitId, "--json") },
  { name: "blob get --snapshot", argv: blob("get", "ada", "--snapshot", commitId) },
  { name: "blob stat --snapshot", argv: blob("stat", "ada", "--snapshot", commitId, "--json") },
  { name: "snapshot --snapshot", argv: ["snapshot", "--snapshot", firstCommitId, "--json"] },
  { name: "commit list --snapshot", argv: ["commit", "list", "--snapshot", firstCommitId, "--json"] },
  { name: "export --snapshot", argv: ["export", "--snapshot", commitId], isUnordered: true },
  ...both("diff", ["diff", firstCommitId, commitId], { isBinary: true }),
  { name: "diff --images", argv: ["diff", firstCommitId, commitId, "--images", "--json"] },
];

/** Both arms fail with the same words. */
export const FAILURES: readonly Row[] = [
  { isBinary: true, name: "query of an unknown name", argv: query("nothing"), exitCode: 1 },
  { name: "query of text that does not parse", argv: ["query", "-e", "query q() { match { $a: Author } return { "], exitCode: 1 },
  { name: "query of an unknown type", argv: ["query", "-e", "query q() { match { $a: Auhtor } return { $a.name } }"], exitCode: 1 },
  { name: "query with an unbound parameter (§8.3)", argv: query("named"), exitCode: 1 },
  { name: "stored query with an unbound parameter (§8.3)", argv: ["query", "named"], exitCode: 1, isCodeOnly: true },
  { name: "query with a parameter of the wrong type", argv: query("named", "--params", '{"name":7}'), exitCode: 1 },
  { name: "query on an unknown branch", argv: query("authors", "--branch", "nowhere"), exitCode: 1 },
  { name: "query on an unknown snapshot", argv: query("authors", "--snapshot", "01J8Z5W6T4Q8M3N2K1H0G9F8E7"), exitCode: 1 },
  { name: "mutate with a read", argv: ["mutate", "authors", "--query", "queries.gq"], isWrite: true, exitCode: 1 },
  { isBinary: true, name: "branch merge of an unknown branch", argv: ["branch", "merge", "nowhere", "--yes"], isWrite: true, exitCode: 1 },
  { name: "branch delete of an unknown branch", argv: ["branch", "delete", "nowhere", "--yes"], isWrite: true, exitCode: 1 },
  { name: "branch delete of main", argv: ["branch", "delete", "main", "--yes"], isWrite: true, exitCode: 1 },
  { name: "branch create of a name that is taken", argv: ["branch", "create", "main"], isWrite: true, exitCode: 1 },
  { name: "commit show of an unknown commit", argv: ["commit", "show", "01J8Z5W6T4Q8M3N2K1H0G9F8E7"], exitCode: 1 },
  { name: "export of an unknown type", argv: ["export", "--type", "Nothing"], exitCode: 1 },
  { name: "load of a bad record", argv: ["load", "--data", "bad.jsonl", "--mode", "merge"], isWrite: true, exitCode: 1 },
  { name: "load of a record that is cut off", argv: ["load", "--data", "cut.jsonl", "--mode", "merge"], isWrite: true, exitCode: 1 },
  { name: "load --mode append of an identity that is taken", argv: ["load", "--data", "taken.jsonl", "--mode", "append"], isWrite: true, exitCode: 1 },
  { name: "load of a file that does not exist", argv: ["load", "--data", "nothing.jsonl", "--mode", "merge"], isWrite: true, exitCode: 1 },
  { name: "blob get of an unknown entity", argv: blob("get", "nobody"), exitCode: 1 },
  { name: "blob get of a null", argv: blob("get", "cy"), exitCode: 1 },
  { name: "blob get of a property that is none", argv: ["blob", "get", "node", "Author", "ada", "name"], exitCode: 1 },
  { name: "blob get behind the end", argv: blob("get", "ada", "--offset", "10"), exitCode: 1 },
  { name: "blob get on an unknown branch", argv: blob("get", "ada", "--branch", "nowhere"), exitCode: 1 },
  { name: "blob stat of an unknown type", argv: ["blob", "stat", "node", "Nothing", "ada", "photo"], exitCode: 1 },
  { name: "changes poll of a cursor that is none", argv: ["changes", "poll", "--cursor", "bm9uc2Vuc2U"], exitCode: 1 },
  { name: "an unknown flag", argv: ["query", "--nonsense"], exitCode: 2 },
];

/** In this order: each finds what the ones before it left. */
export const WRITES: readonly Row[] = [
  ...["", " --json"].map((flag, index): Row => ({ name: `mutate${flag}`, argv: mutate("add", `{"handle":"n${index}","name":"New"}`, ...flag.split(" ").filter(Boolean)), isWrite: true })),
  { isBinary: true, name: "mutate with -e", argv: ["mutate", "-e", 'query q() { update Author set { rating: 5.0 } where handle = "ada" }', "--json"], isWrite: true },
  ...both("mutate that matches nothing", mutate("rate", '{"handle":"nobody","rating":1}'), { isBinary: true, isWrite: true }),
  { name: "mutate on a condition that is lost", argv: mutate("rate", '{"handle":"ada","rating":1}', "--if-commit", "01J8Z5W6T4Q8M3N2K1H0G9F8E7"), isWrite: true, exitCode: 4 },
  { isBinary: true, name: "branch create", argv: ["branch", "create", "review/a b", "--json"], isWrite: true },
  { name: "branch list, of two", argv: ["branch", "list", "--json"] },
  { isBinary: true, name: "branch delete", argv: ["branch", "delete", "review/a b", "--yes", "--json"], isWrite: true },
  { name: "branch create --from", argv: ["branch", "create", "task", "--from", "main"], isWrite: true },
  { name: "mutate --branch", argv: mutate("rate", '{"handle":"bo","rating":1.25}', "--branch", "task", "--json"), isWrite: true },
  { isBinary: true, name: "branch merge", argv: ["branch", "merge", "task", "--json", "--yes"], isWrite: true },
  { name: "branch merge, again", argv: ["branch", "merge", "task", "--yes"], isWrite: true },
  { isBinary: true, name: "branch merge --delete-branch", argv: ["branch", "merge", "task", "--delete-branch", "--json", "--yes"], isWrite: true },
  { name: "branch list, after it", argv: ["branch", "list"] },
  ...both("load --mode merge", ["load", "--data", "merge.jsonl", "--mode", "merge"], { isBinary: true, isWrite: true }),
  { name: "load --from", argv: ["load", "--data", "merge.jsonl", "--mode", "merge", "--branch", "conflict", "--from", "main", "--json"], isWrite: true },
  { name: "a change on one branch", argv: mutate("rate", '{"handle":"ada","rating":1}', "--branch", "conflict"), isWrite: true },
  { name: "another on main", argv: mutate("rate", '{"handle":"ada","rating":2.5}'), isWrite: true },
  ...both("branch merge with a conflict", ["branch", "merge", "conflict", "--yes"], { isWrite: true, exitCode: 1 }),
  { isBinary: true, name: "load of 20,000 records --mode merge", argv: ["load", "--data", "many.jsonl", "--mode", "merge", "--json"], isWrite: true },
  { isBinary: true, name: "load of 20,000 records --mode overwrite", argv: ["load", "--data", "many-again.jsonl", "--mode", "overwrite", "--yes", "--json"], isWrite: true },
  { name: "the content afterwards", argv: ["export"], isUnordered: true },
  { name: "the counts afterwards", argv: ["snapshot", "--json"] },
  { name: "the history afterwards", argv: ["commit", "list", "--json"] },
];
