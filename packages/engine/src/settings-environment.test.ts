import { describe, expect, test } from "vitest";
import { EnvironmentError } from "./errors.js";
import { parseSettingsEnvironment } from "./settings-environment.js";

describe("operator configuration §11.1", () => {
  test("every variable is a setting", () => {
    expect(
      parseSettingsEnvironment({
        OMNIGRAPH_CACHE_BYTES: "1000",
        OMNIGRAPH_DURABILITY: " process ",
        OMNIGRAPH_EXPAND_INDEXED_MAX_FRONTIER: "0",
        OMNIGRAPH_EXPAND_INDEXED_MAX_HOPS: "3",
        OMNIGRAPH_MAINTENANCE_CONCURRENCY: "2",
        OMNIGRAPH_MERGE_STAGING_DIR: "/tmp/staging",
        OMNIGRAPH_QUERY_TIMEOUT_MS: "500",
        OMNIGRAPH_TRAVERSAL_MODE: "csr",
        OMNIGRAPH_WRITER_WAIT_MS: "5",
      }),
    ).toEqual({
      cacheBytes: 1000,
      durability: "process",
      indexedFrontierMax: 0,
      indexedHopsMax: 3,
      maintenanceConcurrency: 2,
      queryTimeoutMs: 500,
      stagingDirectory: "/tmp/staging",
      traversalMode: "csr",
      writerWaitMs: 5,
    });
  });

  test("what is unset or blank is absent; so are a mode and a concurrency that are none (MT-10)", () => {
    expect(parseSettingsEnvironment({ OMNIGRAPH_CACHE_BYTES: " ", OMNIGRAPH_TRAVERSAL_MODE: "fast", OMNIGRAPH_MAINTENANCE_CONCURRENCY: "0", HOME: "/root" })).toEqual({});
  });

  test.each([["OMNIGRAPH_CACHE_BYTES", "lots"], ["OMNIGRAPH_CACHE_BYTES", "1e3"], ["OMNIGRAPH_WRITER_WAIT_MS", "-1"], ["OMNIGRAPH_QUERY_TIMEOUT_MS", "9007199254740993"], ["OMNIGRAPH_DURABILITY", "hope"]])("%s of '%s' is refused by its name", (name, value) => {
    expect(() => parseSettingsEnvironment({ [name]: value })).toThrow(EnvironmentError);
    expect(() => parseSettingsEnvironment({ [name]: value })).toThrow(name);
  });
});
