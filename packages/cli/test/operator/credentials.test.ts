import { chmodSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Home, personalHome, type Recorder, startRecorder } from "./home.js";

let home: Home;
beforeEach(() => {
  home = personalHome();
});
afterEach(() => home[Symbol.dispose]());

describe("login and logout (operator configuration §6, §7.4, cli §10.24)", () => {
  test("check 5, 6.2, 6.3, O7: from a pipe, mode 0600; other sections and comments stay; logout twice succeeds", async () => {
    const first = await home.run(["login", "harbor"], { stdin: "  sesame-1  \n" });
    expect(first).toMatchObject({ exitCode: 0, stdout: `stored the token for 'harbor' in ${home.home}/credentials\n` });
    expect(home.mode("credentials")).toBe(0o600);
    expect(home.mode(".")).toBe(0o700);
    expect(home.read("credentials")).toBe("[harbor]\ntoken = sesame-1\n");
    writeFileSync(`${home.home}/credentials`, "# personal tokens\r\n[harbor]\n# rotate in May\ntoken = sesame-1\n", { mode: 0o600 });
    await home.run(["login", "bench", "--token", "two words"]);
    expect(home.read("credentials")).toBe("# personal tokens\r\n[harbor]\n# rotate in May\ntoken = sesame-1\n\n[bench]\ntoken = two words\n");
    await home.run(["login", "bench", "--token", "three"]);
    expect(home.read("credentials")).toBe("# personal tokens\r\n[harbor]\n# rotate in May\ntoken = sesame-1\n\n[bench]\ntoken = three\n");
    for (let round = 0; round < 2; round++) expect(await home.run(["logout", "harbor"])).toMatchObject({ exitCode: 0 });
    expect(home.read("credentials")).toBe("# personal tokens\r\n[bench]\ntoken = three\n");
    expect(home.names()).toEqual(["credentials"]);
  });

  test("O4 JSON, and the note for a server that is not declared; the token is never printed", async () => {
    const undeclared = await home.run(["login", "harbor", "--token", "sesame", "--json"]);
    expect(JSON.parse(undeclared.stdout)).toEqual({ server: "harbor", credentials_path: `${home.home}/credentials`, declared: false });
    expect(undeclared.stderr).toContain("servers.harbor");
    home.config("servers: {harbor: {url: 'http://h'}}");
    const declared = await home.run(["login", "harbor", "--json"], { stdin: "sesame", interactive: true });
    expect(JSON.parse(declared.stdout)).toMatchObject({ declared: true });
    expect(declared.stderr).toBe("token for 'harbor': \n");
    expect(`${undeclared.stdout}${undeclared.stderr}${declared.stdout}`).not.toContain("sesame");
    expect(JSON.parse((await home.run(["logout", "harbor", "--json"])).stdout)).toEqual({ server: "harbor", credentials_path: `${home.home}/credentials` });
  });

  test.each<[string, string[], string | undefined, string]>([
    ["6.1 blank from stdin", ["login", "h"], "  \n", "--token"],
    ["6.1 no stdin", ["login", "h"], "", "stdin"],
    ["6.1 blank flag", ["login", "h", "--token", " "], undefined, "stdin"],
    ["7.4.5, O8 line break", ["login", "h", "--token", "a\nb"], undefined, "control character"],
    ["7.4.5, O8 control character", ["login", "h", "--token", "a\u0007b"], undefined, "control character"],
    ["3.2 a URL", ["login", "https://h.example", "--token", "t"], undefined, "'https://h.example' cannot be the name of a server"],
    ["3.2 a bracket", ["login", "a]\n[b", "--token", "t"], undefined, "cannot be the name"],
    ["4.2 an address", ["login", "h", "--token", "t", "--store", "x"], undefined, "--store"],
  ])("%s is refused, and nothing is written", async (_name, argv, stdin, expected) => {
    const { exitCode, stderr } = await home.run(argv, stdin === undefined ? {} : { stdin });
    expect(exitCode).toBeGreaterThan(0);
    expect(stderr).toContain(expected);
    expect(home.names()).toEqual([]);
  });

  test("a token survives quoting and reading back", async () => {
    home.config("servers: {h: {url: 'http://h'}}");
    await using recorder = await startRecorder();
    home.config(`servers: {h: {url: '${recorder.url}'}}\naliases: {a: {server: h, query: q}}\n`);
    for (const token of ['"quoted"', "'single'", "a=b", "#no-comment", "token=x", "[not-a-section]", `"'`]) {
      await home.run(["login", "h", "--token", token]);
      await home.run(["alias", "a"]);
      expect(recorder.seen.at(-1)?.authorization).toBe(`Bearer ${token}`);
    }
  });
});

describe("the token of a request (§7)", () => {
  let recorder: Recorder;
  beforeEach(async () => {
    recorder = await startRecorder();
    home.config(`servers: {harbor: {url: '${recorder.url}'}}\naliases: {late: {server: harbor, graph: orders, query: late}}\n`);
  });
  afterEach(() => recorder[Symbol.asyncDispose]());

  const sent = async (env: Record<string, string> = {}): Promise<string | undefined> => {
    const { exitCode, stderr } = await home.run(["alias", "late"], { env });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    return recorder.seen.at(-1)?.authorization;
  };

  test("7.2.1, 7.2.4, 8.8 the chain: keyed variable, credentials, shared variable, none; blank falls through", async () => {
    await home.run(["login", "harbor", "--token", "stored"]);
    const shared = { OMNIGRAPH_BEARER_TOKEN: "shared" };
    expect(await sent({ OMNIGRAPH_TOKEN_HARBOR: " keyed ", ...shared })).toBe("Bearer keyed");
    expect(await sent({ OMNIGRAPH_TOKEN_HARBOR: "  ", ...shared })).toBe("Bearer stored");
    await home.run(["logout", "harbor"]);
    expect(await sent(shared)).toBe("Bearer shared");
    expect(await sent({ OMNIGRAPH_BEARER_TOKEN: " " })).toBeUndefined();
  });

  test("check 6, 7.2.5, 7.4.3: a credentials file that others may read fails keyed requests and both commands; a keyed variable goes around it", async () => {
    await home.run(["login", "harbor", "--token", "stored"]);
    home.chmod("credentials", 0o644);
    for (const argv of [["alias", "late"], ["login", "harbor", "--token", "t"], ["logout", "harbor"]]) {
      const { exitCode, stderr } = await home.run(argv);
      expect(exitCode).toBe(1);
      expect(stderr).toContain("0644");
      expect(stderr).toContain(`chmod 600 ${home.home}/credentials`);
      expect(stderr).not.toContain("stored");
    }
    expect(recorder.seen).toEqual([]);
    expect(await sent({ OMNIGRAPH_TOKEN_HARBOR: "keyed" })).toBe("Bearer keyed");
    expect(home.read("credentials")).toContain("stored");
  });

  test("7.4.1, 7.4.2 sections, quotes, comments and malformed lines", async () => {
    writeFileSync(`${home.home}/credentials`, "token = before\n[other]\ntoken = wrong\n[harbor]\n# c\nuser = x\ntoken\ntoken = 'first'\n[harbor]\ntoken =\n  token = \"second-one\"  \n[harbor]\ntoken=\n", { mode: 0o600 });
    expect(await sent()).toBe("Bearer second-one");
  });

  test("check 8: a file of the working directory never gets the token of an operator server of the same name", async () => {
    await home.run(["login", "harbor", "--token", "personal"]);
    await using stranger = await startRecorder();
    home.write("omnigraph.yaml", `graphs: {harbor: {uri: '${stranger.url}'}}\ncli: {graph: harbor}\n`);
    await home.run(["branch", "list", "--target", "harbor"], { env: { OMNIGRAPH_TOKEN_HARBOR: "personal" } });
    await home.run(["branch", "list"]);
    expect(stranger.seen.length).toBeGreaterThanOrEqual(2);
    expect(stranger.seen.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
    // Where the file names the operator's own server, that is where the token goes.
    home.write("omnigraph.yaml", `graphs: {mine: {uri: '${recorder.url}/graphs/orders'}}\n`);
    await home.run(["branch", "list", "--target", "mine"]);
    expect(recorder.seen.at(-1)?.authorization).toBe("Bearer personal");
  });

  test("7.3 a file of the working directory cannot choose a personal secret as its token", async () => {
    await using stranger = await startRecorder();
    for (const variable of ["OMNIGRAPH_TOKEN_HARBOR", "AWS_SECRET_ACCESS_KEY", "OPENAI_API_KEY"]) {
      home.write("omnigraph.yaml", `graphs: {g: {uri: '${stranger.url}', bearer_token_env: ${variable}}}\n`);
      const { exitCode, stderr } = await home.run(["branch", "list", "--target", "g"], { env: { [variable]: "secret-value" } });
      expect(exitCode).toBe(1);
      expect(stderr).toContain(variable);
      expect(stderr).not.toContain("secret-value");
    }
    expect(stranger.seen).toEqual([]);
  });

  test("7.2.2 the variable of a legacy graph counts for its own address only; its env file fills what is unset", async () => {
    home.write("omnigraph.yaml", `graphs: {g: {uri: '${recorder.url}/graphs/g', bearer_token_env: G_TOKEN}}\ncli: {graph: g}\nauth: {env_file: .env}\n`);
    home.write(".env", "export G_TOKEN='from-file'\nOMNIGRAPH_BEARER_TOKEN=shared\nOMNIGRAPH_TOKEN_HARBOR=planted\nOMNIGRAPH_HOME=/nowhere\n");
    const tokenOf = async (argv: string[], env: Record<string, string> = {}): Promise<string | undefined> => {
      await home.run(argv, { env });
      return recorder.seen.at(-1)?.authorization;
    };
    expect(await tokenOf(["branch", "list"])).toBe("Bearer from-file");
    expect(await tokenOf(["branch", "list", "--target", "g"], { G_TOKEN: "from-process" })).toBe("Bearer from-process");
    expect(await tokenOf(["branch", "list", "--uri", `${recorder.url}/graphs/g`], { G_TOKEN: "from-process" })).toBe("Bearer shared");
  });
});

test("7.4.4 a byte order mark stays; bytes that are no UTF-8 are an error, and stay as well", async () => {
  home.config("");
  const file = `${home.home}/credentials`;
  writeFileSync(file, "\uFEFF[a]\ntoken = one\n", { mode: 0o600 });
  await home.run(["login", "b", "--token", "two"]);
  expect(home.read("credentials")).toBe("\uFEFF[a]\ntoken = one\n\n[b]\ntoken = two\n");
  const bytes = Buffer.from([0x23, 0xff, 0x0a]);
  writeFileSync(file, bytes);
  expect((await home.run(["login", "b", "--token", "two"])).stderr).toContain("not valid UTF-8");
  expect(readFileSync(file)).toEqual(bytes);
});

test("a folder that cannot be written, or that is a file, is an error; nothing else is left behind", async () => {
  const file = home.write("taken", "");
  const below = await home.run(["login", "h", "--token", "sesame"], { env: { OMNIGRAPH_HOME: `${file}/omnigraph` } });
  expect(below).toMatchObject({ exitCode: 1, stdout: "" });
  expect(below.stderr).toContain(`'${file}/omnigraph/credentials' was not written: a part of its path is a file`);
  home.write("folder/credentials/x", "");
  chmodSync(`${home.cwd}/folder/credentials`, 0o700);
  const folder = await home.run(["login", "h", "--token", "sesame"], { env: { OMNIGRAPH_HOME: `${home.cwd}/folder` } });
  expect(folder.stderr).toContain("it is a folder");
  await home.run(["login", "h", "--token", "sesame"]);
  expect(readdirSync(home.home)).toEqual(["credentials"]);
});
