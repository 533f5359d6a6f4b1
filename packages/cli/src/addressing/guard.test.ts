import { describe, expect, test } from "vitest";
import type { CommandDefinition, GlobalFlag } from "../command-definition.js";
import { UsageError } from "../errors.js";
import { COMMANDS } from "../program.js";
import { CAPABILITY_PHRASE, guardFlags, takesFlag } from "./guard.js";

const COLUMNS = ["server", "cluster", "graph", "store", "as", "profile"] as const satisfies readonly GlobalFlag[];

/** §4.2: `+` accepted, `~` accepted without effect, `-` an error; columns as in COLUMNS. */
const TABLE: Readonly<Record<string, string>> = {
  mutate: "+-++++", load: "+-++++", ingest: "+-++++", "branch create": "+-++++", "branch delete": "+-++++", "branch merge": "+-++++", "branch list": "+-++~+", "schema apply": "+-++++",
  snapshot: "+-++~+", export: "+-++~+", "schema show": "+-++~+",
  query: "+-++-+", explain: "+-++-+", diff: "+-++-+", "commit list": "+-++-+", "commit show": "+-++-+", "commit changes": "+-++-+",
  "changes poll": "+-++-+", "changes baseline": "+-++-+", "blob get": "+-++-+", "blob stat": "+-++-+",
  "graphs list": "+----+",
  optimize: "-+++-+", repair: "-+++-+", cleanup: "-+++-+", lint: "-+++-+", "ensure-indices": "-+++-+", "recovery list": "-+++-+",
  "schema plan": "---+-+",
  init: "------",
  "queries list": "-++--+", "queries validate": "-++--+", "policy validate": "-++--+", "policy test": "-++--+", "policy explain": "-++--+",
  "cluster apply": "----+-", "cluster approve": "----+-",
  "cluster validate": "------", "cluster plan": "------", "cluster status": "------", "cluster refresh": "------", "cluster import": "------", "cluster force-unlock": "------",
  alias: "------", embed: "------", login: "------", logout: "------", "profile list": "------", "profile show": "------", version: "------", completion: "------", "config migrate": "------",
};

/** Commands that the table does not know: they take their own address. */
const ELSEWHERE: ReadonlySet<string> = new Set(["mcp"]);

describe("§4.2 applicability of the scope flags", () => {
  test.each(COMMANDS.map((definition) => [definition.path.join(" "), definition] as const))("%s", (name, definition) => {
    if (ELSEWHERE.has(name)) return;
    const cells = COLUMNS.map((flag) => (definition.accepts.includes(flag) ? "+" : takesFlag(definition, flag) ? "~" : "-"));
    expect(cells.join("")).toBe(TABLE[name]);
  });

  test.each(COMMANDS.flatMap((definition) => (definition.ownsAddress === true ? [] : COLUMNS.map((flag) => [definition.path.join(" "), flag, definition] as const))))("§4.3 '%s' and --%s", (name, flag, definition) => {
    if (takesFlag(definition, flag)) {
      expect(guardFlags(definition, { [flag]: "x" }, [])).toEqual([]);
      return;
    }
    const refusal = refused(definition, { [flag]: "x" });
    expect(refusal.message).toContain(`'${name}' is a ${CAPABILITY_PHRASE[definition.capability]} command and does not take --${flag} (`);
    expect(refusal.hint).toContain(`omnigraph ${name} --help`);
  });
});

describe("§4.3 the guard", () => {
  test("the first offender in the order server, cluster, graph, store, as, profile", () => {
    const all = Object.fromEntries(COLUMNS.map((flag) => [flag, "x"]));
    for (const [at, flag] of COLUMNS.entries()) {
      const rest = Object.fromEntries(COLUMNS.slice(at).map((name) => [name, all[name]]));
      expect(refused(named("version"), rest).message).toContain(`--${flag} (`);
    }
  });

  test.each([
    ["optimize", "server", "--cluster DIR|URI --graph ID"],
    ["graphs list", "store", "--server NAME|URL"],
    ["queries list", "store", "--cluster DIR|URI"],
    ["cluster plan", "cluster", "--config DIR"],
  ] as const)("'%s' with --%s: which addressing to use instead", (name, flag, way) => {
    expect(refused(named(name), { [flag]: "x" }).hint).toContain(way);
  });

  test("§4.6 under legacy addressing --as on a read is ignored, not refused", () => {
    expect(guardFlags(named("commit list"), { as: "me", target: "prod" }, [])).toEqual(["as"]);
    expect(guardFlags(named("commit list"), { as: "me" }, ["https://h/"])).toEqual(["as"]);
    expect(refused(named("commit list"), { as: "me" }).message).toContain("--as");
    expect(refused(named("version"), { as: "me", target: "prod" }).message).toContain("--as");
  });
});

function named(name: string): CommandDefinition {
  const found = COMMANDS.find(({ path }) => path.join(" ") === name);
  if (found === undefined) throw new Error(`there is no command '${name}'`);
  return found;
}

function refused(definition: CommandDefinition, flags: Parameters<typeof guardFlags>[1]): UsageError {
  try {
    guardFlags(definition, flags, []);
  } catch (error) {
    if (error instanceof UsageError) return error;
    throw error;
  }
  throw new Error("nothing was refused");
}
