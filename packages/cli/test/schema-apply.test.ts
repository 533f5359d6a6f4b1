import { join } from "node:path";
import { Graph } from "@omnigraphdb/engine";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { loadedLibrary, SCHEMA, type Library } from "./library.js";

let library: Library;

beforeEach(async () => {
  library = await loadedLibrary();
});
afterEach(() => library[Symbol.dispose]());

const WITH_CITY = SCHEMA.replace("name: String\n", "name: String\n    city: String?\n");
const WITHOUT_ROLE = SCHEMA.replace("    role: String?\n", "");

describe("schema apply (§10.13)", () => {
  test("applies the plan as one commit and says so", async () => {
    library.write("next.pg", WITH_CITY);
    const { exitCode, stdout, stderr } = await library.run(["schema", "apply", "g.omni", "--schema", "next.pg", "--as", "maria"]);
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "omnigraph schema apply → g.omni (direct, local)\n" });
    expect(stdout).toBe(
      "schema apply for g.omni\nsupported: yes\napplied: yes\ngraph_manifest_version: 3\n- add property 'Author.city' (String?) on node 'Author'\n",
    );
    expect(await library.succeed("schema", "show", "g.omni")).toBe(WITH_CITY);
    const { commits } = JSON.parse(await library.succeed("commit", "list", "g.omni", "--json")) as { commits: { actor_id: string | null }[] };
    expect(commits.map((commit) => commit.actor_id).slice(0, 1)).toEqual(["maria"]);
    expect(await library.succeed("query", "--uri", "g.omni", "-e", "query q() { match { $a: Author } return { $a.handle, $a.city } order { $a.handle asc } limit 1 }", "--json")).toContain('"a.city": null');
  });

  test("§15.1 the JSON document", async () => {
    library.write("next.pg", WITHOUT_ROLE);
    const document: unknown = JSON.parse(await library.succeed("schema", "apply", "g.omni", "--schema", "next.pg", "--allow-data-loss", "--json", "--quiet"));
    expect(document).toEqual({
      uri: "g.omni",
      supported: true,
      applied: true,
      step_count: 1,
      graph_manifest_version: 3,
      steps: [{ kind: "drop_property", type_kind: "edge", type_name: "Wrote", property_name: "role", mode: "hard" }],
    });
    expect(Object.keys(document as object)).toEqual(["uri", "supported", "applied", "step_count", "graph_manifest_version", "steps"]);
  });

  test("§16.2 nothing to change: the stored source stays as it was", async () => {
    library.write("same.pg", `// a comment\n${SCHEMA}`);
    const before = await library.state();
    expect(await library.succeed("schema", "apply", "g.omni", "--schema", "same.pg", "--quiet")).toBe(
      "schema apply for g.omni\nsupported: yes\napplied: no\ngraph_manifest_version: 2\nno schema changes\n",
    );
    expect(await library.succeed("schema", "show", "g.omni")).toBe(SCHEMA);
    expect(await library.state()).toBe(before);
  });

  test("A07 an unsupported plan fails, naming the property and the reason, and changes nothing", async () => {
    library.write("worse.pg", SCHEMA.replace("name: String\n", "name: I64\n").replace("rating: F64?", "rating: F32?"));
    const before = await library.state();
    const { exitCode, stdout, stderr } = await library.run(["schema", "apply", "g.omni", "--schema", "worse.pg", "--quiet"]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect(stderr).toContain("[OG-MF-106] changing property type of 'Author.name' from String to I64 is not supported");
    expect(stderr).toContain("all 2 unsupported changes");
    expect(await library.state()).toBe(before);
  });

  test("A06 a broken schema is shown with its place", async () => {
    library.write("broken.pg", "node A {\n  a: Strin\n}\n");
    const { exitCode, stderr } = await library.run(["schema", "apply", "g.omni", "--schema", "broken.pg", "--quiet"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("broken.pg:2:");
  });

  test("A05 branches are named", async () => {
    library.write("next.pg", WITH_CITY);
    await using graph = await Graph.open(join(library.directory, "g.omni"), { mode: "rw" });
    await graph.branchCreate("review");
    const { exitCode, stderr } = await library.run(["schema", "apply", "g.omni", "--schema", "next.pg", "--quiet"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("schema apply requires a graph with only main; found non-main branches: review");
  });
});
