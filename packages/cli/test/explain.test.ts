import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Library, loadedLibrary, scrub } from "./library.js";

let library: Library;
beforeAll(async () => {
  library = await loadedLibrary();
  library.write(
    "explain.gq",
    `query novels($genre: String, $n: I64) {
  match {
    $a: Author
    $a $w:wrote $b
    $b: Book { genre: $genre }
    $b.copies >= $n
    not { $a wrote $other $other.title = $b.title $other.copies > 5 }
  }
  return { $a.handle as handle, count($b) as n }
  order { n desc }
  limit 3
}
query pairs() { match { $a: Author $b: Author $a.name = $b.name } return { $a.handle, $b.handle } limit 2 }
query one($handle: String) { match { $a: Author { handle: $handle } } return { $a.name } }
`,
  );
});
afterAll(() => library[Symbol.dispose]());

const explain = ["explain", "--store", "g.omni", "--query", "explain.gq"];
const novels = [...explain, "novels", "--params", '{"genre": "novel", "n": 1}'];

/** Numbers of a run differ from run to run. */
function scrubMeasures(text: string): string {
  return scrub(text).replace(/\d+\.\d{3}/g, (digits) => "#".repeat(digits.length)).replace(/\b\d+\.\d (?:ms|KiB|MiB)/g, "<measure>");
}

describe("explain", () => {
  test("a plan shows steps in execution order, estimates and access paths", async () => {
    expect(await library.succeed(...novels)).toMatchSnapshot();
    expect(await library.succeed(...explain, "pairs")).toMatchSnapshot();
    expect(await library.succeed(...explain, "one", "--params", '{"handle": "ada"}')).toMatchSnapshot();
  });

  test("--json is the documented document", async () => {
    expect(scrub(await library.succeed(...novels, "--json"))).toMatchSnapshot();
  });

  test("--analyze measures every step", async () => {
    const text = await library.succeed(...novels, "--analyze");
    expect(scrubMeasures(text)).toContain("est. rows  rows");
    expect(text).toMatch(/1 rows in [\d.]+ ms, of which [\d.]+ ms loading; read [\d.]+ (B|KiB), \d+ of \d+ from cache; memory peak/);
    const document = JSON.parse(await library.succeed(...novels, "--analyze", "--json")) as { analyzed: boolean; steps: { operator: string; measured: { output_rows: number } | null }[]; measured: { row_count: number } };
    expect(document.analyzed).toBe(true);
    expect(document.measured.row_count).toBe(1);
    expect(document.steps.find(({ operator }) => operator === "expand")?.measured?.output_rows).toBe(2);
  });

  test("a fusion says how both of its rankings are reached", async () => {
    library.write("papers.pg", "node Paper { slug: String @key  title: String  body: String  vec: Vector(2) }");
    await library.succeed("init", "papers.omni", "--schema", "papers.pg");
    const plan = async (order: string): Promise<string> =>
      library.succeed("explain", "--store", "papers.omni", "-e", `query q($v: Vector(2)) { match { $p: Paper } return { $p.slug } order { ${order} } limit 2 }`, "--params", '{"v":[1,0]}');
    expect(await plan('rrf(nearest($p.vec, $v), bm25($p.title, "x"))')).toContain("all vectors (vec), text index (title)\n");
    expect(await plan('rrf(bm25($p.title, "x"), bm25($p.body, "y"))')).toContain("text index (title, body)\n");
  });

  test("colours follow the terminal, and a screen's width is kept", async () => {
    const { stdout } = await library.run(novels, { env: { FORCE_COLOR: "1" } });
    expect(stdout).toContain("\u001b[1mscan\u001b[22m");
    expect(await library.succeed(...novels)).not.toContain("\u001b[");
    const { explanationText } = await import("../src/output/explanation.js");
    const { createColors } = (await import("picocolors")).default;
    const step = { operator: "scan", variable: "a", type: "Author", description: `$a: Author ${"x".repeat(200)}`, conditions: [], estimatedRows: 3, access: { kind: "memory" }, measured: null, children: [] } as const;
    const narrow = explanationText({ queryName: "q", target: { branch: "main", snapshot: null }, graphCommitId: "c", steps: [step], measured: null }, { colors: createColors(false), width: 60 });
    for (const line of narrow.split("\n")) expect([...line].length).toBeLessThanOrEqual(60);
    expect(narrow).toContain("…");
  });

  test.each<[string, string[], string]>([
    ["a mutation", ["-e", 'query m() { insert Author { handle: "x", name: "X" } }'], "changes data; explain shows reads"],
    ["a missing parameter", ["--query", "explain.gq", "one"], "handle"],
    ["several queries and no name", ["--query", "explain.gq"], "novels"],
  ])("%s is refused with a next step", async (_name, argv, expected) => {
    const { exitCode, stdout, stderr } = await library.run(["explain", "--store", "g.omni", ...argv]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain(expected);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("a plain explain reads no data and leaves the folder as it is", async () => {
    const before = await library.state();
    await library.succeed(...novels);
    expect(await library.state()).toBe(before);
  });
});

describe("GAP-8 the time limit of a query", () => {
  const long = ["query", "--store", "g.omni", "-e", "query q() { match { $a: Author $b: Author $c: Author $d: Author $e: Author $f: Author $g: Author $h: Author $i: Author $j: Author $k: Author $l: Author $m: Author $n: Author $o: Author $p: Author $q: Author $r: Author $s: Author $t: Author $a.name != $t.name } return { count($a) as n } }"];

  test("--timeout ends it with the typed limit", async () => {
    const { exitCode, stdout, stderr } = await library.run([...long, "--timeout", "300ms"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toMatch(/^Error: the query was stopped after \d+ ms; its time limit is 300 ms\n {2}hint: /);
  });

  test("OMNIGRAPH_QUERY_TIMEOUT_MS ends it, and --timeout wins over it", async () => {
    const limited = await library.run(long, { env: { OMNIGRAPH_QUERY_TIMEOUT_MS: "200" } });
    expect(limited.stderr).toContain("its time limit is 200 ms");
    const short = ["query", "authors", "--store", "g.omni", "--query", "library.gq", "--timeout", "1m"];
    expect((await library.run(short, { env: { OMNIGRAPH_QUERY_TIMEOUT_MS: "200" } })).exitCode).toBe(0);
  });

  test("a cancelled query ends with 130", async () => {
    const { exitCode, stdout, stderr } = await library.run(long, { signal: AbortSignal.timeout(300) });
    expect({ exitCode, stdout, stderr }).toEqual({ exitCode: 130, stdout: "", stderr: "Error: interrupted; nothing was changed\n" });
  });

  test.each(["0", "x", "5d", "-1s", "1.5s"])("--timeout %s is a usage error", async (value) => {
    const { exitCode, stderr } = await library.run([...long, `--timeout=${value}`]);
    expect(exitCode).toBe(2);
    expect(stderr).toContain("is not a duration");
  });
});
