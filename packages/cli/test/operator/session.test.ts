import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Captured, CapturedIoOptions } from "../captured-io.js";
import { ACTOR, type ServedLibrary, servedLibrary, STRANGER_TOKEN, TOKEN } from "../remote/served-library.js";
import { type Home, personalHome } from "./home.js";

let served: ServedLibrary;
let home: Home;

beforeAll(async () => {
  served = await servedLibrary();
  home = personalHome();
  home.config(`
servers: { harbor: { url: '${served.server.url}/' } }
defaults: { server: harbor, default_graph: library, output: csv }
profiles:
  notes: { server: harbor, default_graph: notes }
  lost: { server: nowhere }
aliases:
  by-name: { server: harbor, graph: library, query: named, args: [name], format: kv }
  change: { server: harbor, graph: library, query: rate, params: { handle: ada, rating: 1.5 } }
`);
}, 60_000);
afterAll(async () => {
  home[Symbol.dispose]();
  await served[Symbol.asyncDispose]();
});

function run(argv: readonly string[], options: CapturedIoOptions = {}): Promise<Captured> {
  return home.run(argv, options);
}

describe("a person, a server and no flags", () => {
  test("7.1.3 login, defaults, profile, alias, writes, logout", async () => {
    expect((await run(["snapshot"])).stderr).toContain("Error:");
    expect(await run(["login", "harbor"], { stdin: `${TOKEN}\n` })).toMatchObject({ exitCode: 0, stderr: "" });
    expect(await run(["query", "authors"])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("a.handle,a.rating\nada,4.5\n") as string });
    expect(await run(["mutate", "rate", "--params", '{"handle":"bo","rating":2.5}'])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining(`actor_id: ${ACTOR}`) as string });
    expect((await run(["snapshot", "--json", "--profile", "notes"])).stdout).toContain('"Note"');
    expect((await run(["snapshot", "--json"], { env: { OMNIGRAPH_PROFILE: "notes" } })).stdout).toContain('"Note"');
    expect((await run(["snapshot", "--profile", "lost"])).stderr).toContain("server 'nowhere' of profile 'lost' is not defined; defined: harbor");
    expect(await run(["alias", "by-name", "Ada"])).toMatchObject({ exitCode: 0, stdout: expect.stringContaining("followers: 9223372036854775807") as string });
    expect((await run(["query", "--alias", "by-name", "Ada", "--format", "csv"])).stdout).toBe("handle,followers\nada,9223372036854775807\n");
    expect(await run(["logout", "harbor"])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^removed the token for 'harbor' from /) as string });
    expect(await run(["logout", "harbor"])).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^no token for 'harbor' in /) as string });
    expect(await run(["query", "authors"])).toMatchObject({ exitCode: 1, stdout: "" });
  });

  test("D14 an alias never runs a mutation", async () => {
    const before = (await served.run(["snapshot", "--server", served.server.url, "--graph", "library", "--json"])).stdout;
    const { exitCode, stdout } = await run(["alias", "change"], { env: { OMNIGRAPH_TOKEN_HARBOR: TOKEN } });
    expect({ exitCode, stdout }).toEqual({ exitCode: 1, stdout: "" });
    expect((await served.run(["snapshot", "--server", served.server.url, "--graph", "library", "--json"])).stdout).toBe(before);
  });

  test("7.3.4 no output, error or debug trace holds a token", async () => {
    const env = { OMNIGRAPH_TOKEN_HARBOR: STRANGER_TOKEN, OMNIGRAPH_DEBUG: "1" };
    for (const argv of [["query", "authors"], ["alias", "by-name", "Ada"], ["graphs", "list"], ["profile", "show", "--json"], ["login", "harbor", "--token", STRANGER_TOKEN, "--json"], ["export"]]) {
      const { stdout, stderr } = await run(argv, { env });
      expect(`${stdout}${stderr}`, argv.join(" ")).not.toContain(STRANGER_TOKEN);
    }
    await run(["logout", "harbor"]);
  });

  test("7.2 login tells what keeps the stored token from being used", async () => {
    const { exitCode, stderr } = await run(["login", "harbor", "--token", TOKEN], { env: { OMNIGRAPH_TOKEN_HARBOR: "another" } });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "hint: the token is stored, and unused while OMNIGRAPH_TOKEN_HARBOR is set\n" });
    expect((await run(["login", "harbour", "--token", TOKEN])).stderr).toContain("'servers.harbour' is in the operator configuration; defined: harbor");
    for (const name of ["harbor", "harbour"]) await run(["logout", name]);
    expect((await run(["snapshot", "--server", "127.0.0.1:8080"])).stderr).toContain("a URL begins with http:// or https://");
  });

  test("O9 flags go before the binding of query --alias", async () => {
    const { stderr } = await run(["query", "--alias", "by-name", "Ada", "--server", "http://127.0.0.1:1", "--graph", "library"], { env: { OMNIGRAPH_TOKEN_HARBOR: TOKEN } });
    expect(stderr).toContain("127.0.0.1:1");
  });
});
