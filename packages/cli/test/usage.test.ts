import { describe, expect, test } from "vitest";
import { runCaptured } from "./captured-io.js";

describe("help (§1.1, §1.4)", () => {
  test("§1.4 top-level help lists the commands in order and ends with the capability legend", async () => {
    const { exitCode, stdout, stderr } = await runCaptured(["--help"]);
    expect(exitCode).toBe(0);
    expect(stderr).toBe("");
    expect(stdout).toMatchSnapshot();
  });

  test.each(["query", "explain", "mutate", "load", "ingest", "branch", "branch create", "branch list", "branch delete", "branch merge", "graphs list", "queries", "queries list", "queries validate", "snapshot", "export", "blob", "blob get", "blob stat", "commit", "commit list", "commit show", "recovery", "recovery list", "schema", "schema plan", "schema apply", "schema show", "init", "optimize", "ensure-indices", "repair", "cleanup", "lint", "policy", "policy validate", "policy test", "policy explain", "cluster", "cluster validate", "cluster plan", "cluster apply", "cluster approve", "cluster status", "cluster refresh", "cluster import", "cluster force-unlock", "embed", "completion", "version"])(
    "§1.1 '%s --help'",
    async (command) => {
      const { exitCode, stdout, stderr } = await runCaptured([...command.split(" "), "--help"]);
      expect(exitCode).toBe(0);
      expect(stderr).toBe("");
      expect(stdout).toMatchSnapshot();
    },
  );

  test("§11.1 help never names 'check'", async () => {
    const { stdout } = await runCaptured(["--help"]);
    expect(stdout).not.toMatch(/\bcheck\b(?! a query)/);
  });

  test("§1.2 -v and --version", async () => {
    for (const flag of ["-v", "--version"]) {
      expect(await runCaptured([flag])).toEqual({ exitCode: 0, stdout: "omnigraph 0.1.0\n", stderr: "" });
    }
  });

  test("without a command the help goes to stderr", async () => {
    const { exitCode, stdout, stderr } = await runCaptured([]);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).toContain("Usage: omnigraph");
  });
});

describe("usage errors end with 2 and leave stdout empty (§1.8)", () => {
  test.each<[string, string[], string]>([
    ["unknown command", ["snapshto", "./g.omni"], "Did you mean snapshot?"],
    ["unknown command in a group", ["schema", "shwo"], "Did you mean show?"],
    ["unknown flag", ["snapshot", "./g.omni", "--brnch", "b"], "Did you mean --branch?"],
    ["missing required flag", ["load", "./g.omni", "--mode", "append"], "--data"],
    ["§10.4 load has no default mode", ["load", "./g.omni", "--data", "x.jsonl"], "--mode"],
    ["bad enum value", ["load", "./g.omni", "--data", "x", "--mode", "replace"], "overwrite, append, merge"],
    ["flag without its value", ["load", "./g.omni", "--data"], "--data"],
    ["excess argument", ["snapshot", "./g.omni", "./h.omni"], "too many arguments"],
    ["an address where none is taken", ["branch", "list", "./g.omni"], "hint: Address the graph with --store or --uri. See 'omnigraph branch list --help'."],
    ["§3 positional and --uri", ["snapshot", "./g.omni", "--uri", "./h.omni"], "a positional URI and --uri exclude each other"],
    ["§5.2 two primitives", ["snapshot", "--store", "./g.omni", "--uri", "./h.omni"], "--uri and --store exclude each other"],
    ["§8.1 --query and -e", ["query", "--query", "a.gq", "-e", "query q()"], "cannot be used with"],
    ["§8.2 --params and --params-file", ["query", "-e", "x", "--params", "{}", "--params-file", "p"], "cannot be used with"],
    ["§8.1 blank -e", ["query", "--store", "./g.omni", "-e", "  "], "blank"],
    ["§9.1 --format and --json", ["query", "-e", "x", "--format", "csv", "--json"], "cannot be used with"],
    ["§10.1 --branch and --snapshot", ["query", "-e", "x", "--branch", "b", "--snapshot", "s"], "cannot be used with"],
    ["§11.5 no query at all", ["query", "--store", "./g.omni"], "NAME, --query PATH, -e GQ or --alias NAME"],
    ["§11.3 the query named twice", ["query", "a", "--name", "b", "-e", "x"], "named twice"],
    ["§8.5 stdin for two inputs", ["query", "--query", "-", "--params-file", "-"], "cannot both read stdin"],
    ["§10.10 a filter that is none", ["commit", "list", "./g.omni", "--filter", "who=me"], "actor=ID"],
    ["§10.20 approve without an address", ["cluster", "approve"], "ADDRESS"],
    ["§10.20 force-unlock without an id", ["cluster", "force-unlock"], "LOCK_ID"],
    ["§10.20 a folder that is blank", ["cluster", "apply", "--config", ""], "--config is blank"],
    ["§10.20 a verb that there is not", ["cluster", "init"], "unknown command 'init'"],
    ["§10.20 a folder as argument", ["cluster", "plan", "./depot"], "hint: Name the folder of cluster.yaml with --config."],
    ["group without a sub-command", ["commit"], "Usage: omnigraph commit"],
  ])("%s", async (_name, argv, expected) => {
    const { exitCode, stdout, stderr } = await runCaptured(argv);
    expect(stderr).toContain(expected);
    expect(exitCode).toBe(2);
    expect(stdout).toBe("");
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test("§1.9 the error starts with 'Error:' and says what to do next", async () => {
    const { stderr } = await runCaptured(["snapshot", "./g.omni", "--jsn"]);
    expect(stderr).toBe("Error: unknown option '--jsn'\n  hint: Did you mean --json? See 'omnigraph snapshot --help'.\n");
  });
});

describe("the guard of §4.3", () => {
  test.each<[string[], string, string]>([
    [["query", "-e", "x", "--as", "me", "--store", "g"], "'query' is a data command", "--as"],
    [["commit", "list", "g", "--as", "me"], "'commit list' is a data command", "--as"],
    [["schema", "plan", "g", "--schema", "s", "--as", "me"], "'schema plan' is a direct (storage-native) command", "--as"],
    [["init", "g", "--schema", "s", "--store", "h"], "'init' is a direct (storage-native) command", "--store"],
    [["version", "--store", "g", "--as", "me"], "'version' is a local command", "--store"],
    [["cluster", "plan", "--as", "me"], "'cluster plan' is a cluster control command", "--as"],
    [["cluster", "apply", "--cluster", "."], "'cluster apply' is a cluster control command and does not take --cluster", "with --config DIR"],
    [["load", "--cluster", ".", "--graph", "g", "--data", "d", "--mode", "append"], "'load' is a data command and does not take --cluster", "--store <storage root>/graphs/<graph id>.omni, or ask the server of the cluster"],
    [["schema", "plan", "--cluster", ".", "--schema", "s"], "'schema plan' is a direct (storage-native) command", "--store <storage root>/graphs/<graph id>.omni. See"],
    [["cluster", "status", "--profile", "p"], "'cluster status' is a cluster control command", "--profile"],
    [["--as", "me", "version"], "'version' is a local command", "--as"],
  ])("%j", async (argv, expected, flag) => {
    const { exitCode, stderr } = await runCaptured(argv);
    expect(exitCode).toBe(2);
    expect(stderr).toContain(expected);
    expect(stderr).toContain(flag);
  });
});

describe("addressing failures (§5)", () => {
  test("§5.2 rule 6 no graph addressed lists the ways to address one", async () => {
    const { exitCode, stderr } = await runCaptured(["snapshot"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("no graph addressed for 'snapshot'");
    expect(stderr).toContain("--store");
    expect(stderr).toContain("--uri");
  });

  test("§5.6.1 a direct command never takes the address of a server", async () => {
    const { exitCode, stderr } = await runCaptured(["optimize", "http://h/graphs/g"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("'optimize' cannot open 'http://h/graphs/g'");
  });

  test("§10.1 a stored query needs a server", async () => {
    const { exitCode, stderr } = await runCaptured(["query", "recent", "--store", "./g.omni"]);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("--query FILE");
  });
});

describe("consent (§7.2)", () => {
  const overwrite = ["load", "s3://vault/g.omni", "--data", "absent.jsonl", "--mode", "overwrite"];

  test("a remote overwrite without a terminal fails naming command, target and --yes", async () => {
    const { exitCode, stderr } = await runCaptured(overwrite);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("'load'");
    expect(stderr).toContain("s3://vault/g.omni");
    expect(stderr).toContain("--yes");
    expect(stderr).not.toContain("→");
  });

  test("--json never asks", async () => {
    const { exitCode, stderr } = await runCaptured([...overwrite, "--json"], { interactive: true, stdin: "y\n" });
    expect(exitCode).toBe(1);
    expect(stderr).not.toContain("[y/N]");
  });

  test.each([["n\n", false], ["", false], ["y\n", true], ["YES\n", true]])("a terminal is asked: %j", async (answer, proceeds) => {
    const { stderr } = await runCaptured(overwrite, { interactive: true, stdin: answer });
    expect(stderr).toContain("[y/N]");
    expect(stderr.includes("omnigraph load → s3://vault/g.omni (direct, remote)")).toBe(proceeds);
  });

  test("--yes proceeds, and the target is announced (§7.1)", async () => {
    const { stderr } = await runCaptured([...overwrite, "--yes"]);
    expect(stderr).toContain("omnigraph load → s3://vault/g.omni (direct, remote)\n");
    expect(stderr).toContain("cannot read --data 'absent.jsonl': no such file");
  });

  test("--quiet silences the announcement", async () => {
    const { stderr } = await runCaptured([...overwrite, "--yes", "--quiet"]);
    expect(stderr).not.toContain("→");
  });
});
