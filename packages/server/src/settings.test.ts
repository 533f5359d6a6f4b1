import { EnvironmentError } from "@omnigraphdb/engine";
import { describe, expect, test } from "vitest";
import { parseArguments } from "./boot/command-line.js";
import { BootSourceError, ServerSettingError, ServerUsageError } from "./boot/errors.js";
import { logLevelOf, parseBind, type ServerSettings, serverSettings } from "./settings.js";

const settingsOf = (args: readonly string[], env: Record<string, string> = {}): ServerSettings => serverSettings(parseArguments(["--cluster", "x", ...args]), env);

describe("server.md 1.1: flags and their variables", () => {
  test.each([
    ["", false], [" ", false], ["0", false], ["false", false], [" FALSE ", false],
    ["1", true], ["true", true], ["no", true], ["off", true],
  ])("a boolean variable of '%s' is %s", (value, expected) => {
    expect(settingsOf([], { OMNIGRAPH_UNAUTHENTICATED: value }).isUnauthenticated).toBe(expected);
    expect(settingsOf([], { OMNIGRAPH_QUARANTINE: value }).isQuarantine).toBe(expected);
  });

  test("flag and variable are OR-ed", () => {
    expect(settingsOf(["--unauthenticated", "--quarantine"], { OMNIGRAPH_UNAUTHENTICATED: "0", OMNIGRAPH_QUARANTINE: "0" })).toMatchObject({ isUnauthenticated: true, isQuarantine: true });
  });

  test.each<[readonly string[], Record<string, string>]>([
    [["--quarantine", "--require-all-graphs"], {}],
    [["--quarantine"], { OMNIGRAPH_REQUIRE_ALL_GRAPHS: "1" }],
    [["--require-all-graphs"], { OMNIGRAPH_QUARANTINE: "1" }],
  ])("--quarantine contradicts --require-all-graphs: %j %j", (args, env) => {
    expect(() => settingsOf(args, env)).toThrow(ServerUsageError);
  });

  test("--require-all-graphs alone states the default", () => {
    expect(settingsOf(["--require-all-graphs"]).isQuarantine).toBe(false);
  });

  test.each([["--nope"], ["--bind"], ["a", "b"], ["--reload-poll", "soon"], ["--reload-poll=-1"]])("bad arguments: %s %s", (...args) => {
    expect(() => parseArguments(args.filter((arg) => arg !== undefined))).toThrow(ServerUsageError);
  });

  test("--cluster excludes the legacy sources", () => {
    for (const args of [["s3://x/y"], ["--target", "t"], ["--config", "f"]]) expect(() => settingsOf(args)).toThrow(BootSourceError);
  });

  test("OMNIGRAPH_NO_LEGACY_CONFIG leaves --cluster as the only way", () => {
    expect(() => serverSettings(parseArguments(["./g.omni"]), { OMNIGRAPH_NO_LEGACY_CONFIG: "" })).toThrow(BootSourceError);
  });
});

describe("server.md 1.2: variables", () => {
  test("a number that is none keeps the default and is noted", () => {
    const { limits, ignored } = settingsOf([], { OMNIGRAPH_PER_ACTOR_INFLIGHT_MAX: "many", OMNIGRAPH_LOAD_BODY_BYTES_MAX: "0", OMNIGRAPH_PER_ACTOR_BYTES_MAX: "0" });
    expect(limits).toMatchObject({ inflightPerActorMax: 16, loadBodyBytesMax: 33_554_432, bytesPerActorMax: 0 });
    expect(ignored).toEqual([
      { name: "OMNIGRAPH_PER_ACTOR_INFLIGHT_MAX", value: "many", default: 16 },
      { name: "OMNIGRAPH_LOAD_BODY_BYTES_MAX", value: "0", default: 33_554_432 },
    ]);
  });

  test("engine settings", () => {
    const { engine } = settingsOf([], { OMNIGRAPH_CACHE_BYTES: "1000", OMNIGRAPH_WRITER_WAIT_MS: "5", OMNIGRAPH_DURABILITY: "process", AWS_REGION: "eu-north-1" });
    expect(engine).toMatchObject({ cacheBytes: 1000, writerWaitMs: 5, durability: "process", s3: { region: "eu-north-1" } });
    expect(() => settingsOf([], { OMNIGRAPH_DURABILITY: "hope" })).toThrow(EnvironmentError);
    expect(() => settingsOf([], { OMNIGRAPH_CACHE_BYTES: "lots" })).toThrow(EnvironmentError);
  });

  test("--reload-poll beats OMNIGRAPH_RELOAD_POLL_MS", () => {
    expect(settingsOf(["--reload-poll", "1.5"], { OMNIGRAPH_RELOAD_POLL_MS: "9" }).reloadPollMs).toBe(1500);
    expect(settingsOf([], { OMNIGRAPH_RELOAD_POLL_MS: "9" }).reloadPollMs).toBe(9);
  });

  test.each([
    ["", true, false], ["0", false, false], ["false", false, false], ["1", true, false],
  ])("OMNIGRAPH_MCP of '%s'", (value, isEnabled, allowsAdHoc) => {
    expect(settingsOf([], { OMNIGRAPH_MCP: value, OMNIGRAPH_MCP_ALLOWED_ORIGINS: " https://a , ,https://b" }).mcp).toEqual({ isEnabled, allowsAdHoc, allowedOrigins: ["https://a", "https://b"] });
  });

  test.each([
    ["warn", "warn"], ["TRACE", "debug"], ["off", "silent"], ["omnigraph_server=debug,hyper=warn", "debug"], ["info,omnigraph=error", "error"], ["hyper=debug", "info"], ["loud", "info"],
  ])("S1 log filter '%s' means %s", (filter, level) => {
    expect(logLevelOf(filter)).toBe(level);
  });
});

test.each([
  ["127.0.0.1:8080", { host: "127.0.0.1", port: 8080 }],
  ["[::1]:0", { host: "::1", port: 0 }],
  ["localhost:65535", { host: "localhost", port: 65_535 }],
])("bind address %s", (text, expected) => {
  expect(parseBind(text)).toEqual(expected);
});

test.each(["", "8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:70000", "::1:80", "http://x:80"])("'%s' is no bind address", (text) => {
  expect(() => parseBind(text)).toThrow(ServerSettingError);
});
