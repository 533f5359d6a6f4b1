import { writeFile } from "node:fs/promises";
import { inspect } from "node:util";
import { makeTempDir } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import { TokenSourceError } from "../boot/errors.js";
import { loadTokens } from "./load-tokens.js";

const SINGLE = "OMNIGRAPH_SERVER_BEARER_TOKEN";
const FILE = "OMNIGRAPH_SERVER_BEARER_TOKENS_FILE";
const INLINE = "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON";
const AWS = "OMNIGRAPH_SERVER_BEARER_TOKENS_AWS_SECRET";

describe("policy.md 1.1: where tokens come from", () => {
  test("no variable: no tokens, no source", async () => {
    const { table, source } = await loadTokens({ [SINGLE]: "  ", [INLINE]: "", [FILE]: " ", [AWS]: "" });
    expect([table.isEmpty, source]).toEqual([true, undefined]);
  });

  test("P1 the single token is added to the map, for actor default", async () => {
    const { table, source } = await loadTokens({ [SINGLE]: " one ", [INLINE]: '{" ann ": " two "}' });
    expect([table.actorOf("one"), table.actorOf("two"), table.actorOf("three"), table.actorOf("")]).toEqual(["default", "ann", undefined, undefined]);
    expect(source).toBe("env-or-file");
  });

  test("the file beats the inline map", async () => {
    await using directory = await makeTempDir();
    await writeFile(`${directory.path}/tokens.json`, '{"file": "f"}');
    const { table } = await loadTokens({ [FILE]: `${directory.path}/tokens.json`, [INLINE]: '{"inline": "i"}' });
    expect([table.actorOf("f"), table.actorOf("i")]).toEqual(["file", undefined]);
  });

  test("the AWS secret is exclusive", async () => {
    const { table, source } = await loadTokens({ [AWS]: "arn:x", [SINGLE]: "one" }, (id) => Promise.resolve(`{"${id}": "two"}`));
    expect([table.actorOf("one"), table.actorOf("two"), source]).toEqual([undefined, "arn:x", "aws-secrets-manager"]);
  });

  test("an empty object is no tokens", async () => {
    const { table } = await loadTokens({ [INLINE]: "{}" });
    expect(table.isEmpty).toBe(true);
  });
});

describe("policy.md 1.2: what refuses the start", () => {
  test.each([
    ["not JSON", { [INLINE]: '{"ann": "s3cret"' }, INLINE],
    ["an array", { [INLINE]: '["s3cret"]' }, INLINE],
    ["a token that is no text", { [INLINE]: '{"ann": {"a": "s3cret"}}' }, INLINE],
    ["a blank actor", { [INLINE]: '{" ": "s3cret"}' }, INLINE],
    ["a blank token", { [INLINE]: '{"ann": " "}' }, INLINE],
    ["an actor twice", { [INLINE]: '{"ann": "s3cret", " ann": "s3cret2"}' }, INLINE],
    ["P2 a repeated key", { [INLINE]: '{"ann": "s3cret", "ann": "s3cret2"}' }, INLINE],
    ["P2 a repeated key, spelled differently", { [INLINE]: '{"ann": "s3cret", "\\u0061nn": "s3cret2"}' }, INLINE],
    ["the actor of the single token in the map", { [INLINE]: '{"default": "s3cret"}', [SINGLE]: "s3cret2" }, SINGLE],
    ["one token for two actors", { [INLINE]: '{"ann": "s3cret", "bob": " s3cret"}' }, INLINE],
    ["a file that is not there", { [FILE]: "/does/not/exist" }, FILE],
    ["a file that is a directory", { [FILE]: "/" }, FILE],
  ])("%s", async (_, env, variable) => {
    const error = await loadTokens(env).catch((caught: unknown) => caught as TokenSourceError);
    expect(error).toBeInstanceOf(TokenSourceError);
    expect(error).toMatchObject({ variable });
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain("s3cret");
  });

  test.each(["[]", "null", '{"ann": ""}', "{"])("an AWS secret of %s", async (text) => {
    await expect(loadTokens({ [AWS]: "x" }, () => Promise.resolve(text))).rejects.toThrow(TokenSourceError);
  });
});

test("policy.md 1.4.1: the table holds no plaintext", async () => {
  const { table } = await loadTokens({ [INLINE]: '{"ann": "s3cret-token"}' });
  expect(inspect(table, { depth: 9, showHidden: true })).not.toContain("s3cret");
  expect(JSON.stringify(table)).not.toContain("s3cret");
});

test("policy.md 1.4.2: every entry is compared, whatever matches", async () => {
  const tokens = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`actor-${index}`, `token-${index}`]));
  const { table } = await loadTokens({ [INLINE]: JSON.stringify(tokens) });
  expect([0, 57, 199].map((index) => table.actorOf(`token-${index}`))).toEqual(["actor-0", "actor-57", "actor-199"]);
  expect(table.actorOf("token-")).toBeUndefined();
  expect(table.actorCount).toBe(200);
});

test("P3 without the optional client, an AWS secret refuses the start and names the package", async () => {
  await expect(loadTokens({ [AWS]: "arn:x" })).rejects.toThrow("the package @aws-sdk/client-secrets-manager is not installed");
});
