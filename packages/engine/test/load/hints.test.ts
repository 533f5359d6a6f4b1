import { beforeAll, describe, expect, test } from "vitest";
import { createGraph, failureOf, ndjson, type TestGraph } from "./load-fixture.js";

const SCHEMA = `
node Topic { name: String @key  size: U64?  small: I32?  flag: Bool?  words: [String]? }
edge Covers: Topic -> Topic { weight: F32? }
`;

describe("what a refused record says beyond its rule", () => {
  let fixture: TestGraph;
  beforeAll(async () => {
    fixture = await createGraph(SCHEMA);
    return () => fixture[Symbol.asyncDispose]();
  });

  const topic = (data: object): string => ndjson({ type: "Topic", data: { name: "x", ...data } });

  test.each<[rule: string, input: string, marker: string]>([
    ["LD-20 a property beside data", ndjson({ type: "Topic", name: "x" }), `unknown record field 'name'; properties stand inside "data"`],
    ["LD-20 a misspelt field", ndjson({ edge: "Covers", form: "x", to: "x" }), "unknown record field 'form'; did you mean 'from'?"],
    ["LD-11 a misspelt node type", ndjson({ type: "Topci", data: {} }), "unknown node type 'Topci'; did you mean 'Topic'?"],
    ["LD-12 a misspelt edge type", ndjson({ edge: "Cover", from: "x", to: "x" }), "unknown edge type 'Cover'; did you mean 'Covers'?"],
    ["LD-17 a misspelt property", topic({ smal: 1 }), "unknown input field 'smal' of Topic; did you mean 'small'?"],
    ["LD-17 a name like no other", topic({ colour: 1 }), "unknown input field 'colour' of Topic (line 1)"],
    ["LD-30 a number beyond its range", topic({ size: -1 }), "property 'size' value -1 exceeds UInt64 range; its type is U64"],
    ["LD-30 a text for a number", topic({ small: "7" }), `property 'small' expects I32?, found the string "7"`],
    ["LD-30 a number for a truth value", topic({ flag: 1 }), "property 'flag' expects Bool?, found 1"],
    ["LD-30 an object for a text", topic({ name: {} }), "property 'name' expects String, found an object"],
    ["LD-33 a null item", topic({ words: ["a", null] }), "list property 'words' has a null or invalid item, found null"],
    ["LD-33 a text for a list", topic({ words: "a" }), `list property 'words' expects a JSON array, found the string "a"`],
  ])("%s", async (_rule, input, marker) => {
    expect((await failureOf(fixture.graph.load(input, { mode: "merge" }))).message).toContain(marker);
  });
});
