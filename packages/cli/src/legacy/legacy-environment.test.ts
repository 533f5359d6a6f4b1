import { describe, expect, test } from "vitest";
import { legacyEnvironment } from "./legacy-environment.js";

describe("10.6 variables of auth.env_file", () => {
  test("fill what is unset or blank; the process goes first", () => {
    const merged = legacyEnvironment({ A: "own", B: " " }, new Map([["A", "file"], ["B", "file"], ["C", "file"]]));
    expect(merged).toEqual({ A: "own", B: "file", C: "file" });
  });

  test.each(["HOME", "USERPROFILE", "OMNIGRAPH_HOME", "OMNIGRAPH_PROFILE", "OMNIGRAPH_TOKEN_HARBOR"])("1.3.2 %s never comes from a checkout", (name) => {
    expect(legacyEnvironment({}, new Map([[name, "planted"]]))).toEqual({});
  });

  test("7.3 a provider's address comes along with a key from the same file only", () => {
    const file = new Map([["OMNIGRAPH_EMBED_BASE_URL", "https://checkout.example"], ["OPENAI_API_KEY", "from-file"]]);
    expect(legacyEnvironment({}, file)).toEqual(Object.fromEntries(file));
    expect(legacyEnvironment({ GEMINI_API_KEY: "own" }, file)).toEqual({ GEMINI_API_KEY: "own", OPENAI_API_KEY: "from-file" });
  });
});
