import { isOmniError, type OmniError } from "@omnigraphdb/common";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OperationId } from "../routes/route-inputs.js";
import { ROUTES } from "../routes/routes.js";
import { decodeRequest, type RawRequest } from "./decode-request.js";

const JSON_TYPE = "application/json";

function request(parts: Partial<Omit<RawRequest, "query">> & { readonly query?: string }): RawRequest {
  const { query = "", ...rest } = parts;
  return { path: {}, contentType: JSON_TYPE, body: undefined, ifGraphCommit: null, ...rest, query: new URLSearchParams(query) };
}

function refusal(operationId: OperationId, parts: Parameters<typeof request>[0]): OmniError {
  try {
    decodeRequest(operationId, request(parts));
  } catch (error) {
    if (isOmniError(error)) return error;
    throw error;
  }
  throw new Error("was accepted");
}

describe("1.5 statuses of bodies", () => {
  test.each<[string, OperationId, Parameters<typeof request>[0], number, RegExp]>([
    ["no JSON", "query", { body: "{" }, 400, /expected/],
    ["empty", "query", { body: "" }, 400, /not JSON/],
    ["not UTF-8", "query", { body: Uint8Array.of(0xff) }, 400, /UTF-8/],
    ["member missing", "query", { body: "{}" }, 422, /query: is required/],
    ["wrong type", "query", { body: '{"query":1}' }, 422, /query: expected string, found number/],
    ["long integer where text belongs", "query", { body: '{"query":9007199254740993}' }, 422, /query: expected string/],
    ["no object", "query", { body: "[]" }, 422, /expected object, found array/],
    ["null", "query", { body: "null" }, 422, /expected object, found null/],
    ["member twice", "query", { body: '{"query":"a","query":"b"}' }, 422, /'query' is given twice/],
    ["export: member twice", "export", { body: '{"branch":"a","branch":"b"}' }, 400, /'branch' is given twice/],
    ["stored query: member twice", "invoke_query", { path: { name: "q" }, body: '{"params":{"a":1,"a":2}}' }, 400, /'a' is given twice/],
    ["every problem", "load", { body: '{"mode":"upsert","branch":7}' }, 422, /branch: expected string.*mode: expected one of merge, append, overwrite.*data: is required/],
    ["no media type", "query", { body: "{}", contentType: null }, 415, /no Content-Type/],
    ["other media type", "query", { body: "{}", contentType: "text/plain" }, 415, /text\/plain/],
    ["look-alike media type", "query", { body: "{}", contentType: "application/jsonp" }, 415, /jsonp/],
    ["export: wrong shape", "export", { body: '{"type_names":"A"}' }, 400, /type_names: expected array/],
    ["export: unknown member (1.5.2)", "export", { body: '{"table_keys":["node:A"]}' }, 400, /table_keys: is not a member/],
    ["export: media type", "export", { body: "{}", contentType: null }, 415, /Content-Type/],
    ["stored query: wrong shape", "invoke_query", { path: { name: "q" }, body: '{"branch":1}' }, 400, /branch: expected string/],
    ["stored query: a list", "invoke_query", { path: { name: "q" }, body: "[]" }, 400, /expected object/],
    ["field and alias", "mutate", { body: '{"query":"a","query_source":"b"}' }, 422, /query_source: is another name of 'query'/],
    ["name and alias", "change", { body: '{"query":"a","name":"n","query_name":"n"}' }, 422, /query_name: is another name of 'name'/],
    ["mutation without source", "mutate", { body: '{"query":null}' }, 422, /query: is required/],
    ["alias on the route of today", "query", { body: '{"query_source":"a"}' }, 422, /query: is required/],
    ["time limit of nothing", "query", { body: '{"query":"a","timeout_ms":0}' }, 422, /timeout_ms/],
  ])("%s", (_title, operationId, parts, status, message) => {
    const error = refusal(operationId, parts);
    expect(error.httpStatus).toBe(status);
    expect(error.message).toMatch(message);
    expect(error.category).toBe("invalid");
  });

  test.each(["application/json; charset=utf-8", "Application/JSON", "application/vnd.acme+json", " application/json "])("1.3 accepted: %s", (contentType) => {
    expect(decodeRequest("query", request({ contentType, body: '{"query":"q"}' })).body).toEqual({ query: "q" });
  });

  test("1.5.2 unknown members are ignored, and null is as good as absent", () => {
    expect(decodeRequest("query", request({ body: '{"query":"q","colour":1,"name":null,"params":null,"branch":null}' })).body).toEqual({ query: "q" });
    expect(decodeRequest("mergeBranches", request({ body: '{"source":"a","target":null,"delete_branch":null}' })).body).toEqual({ source: "a" });
  });

  test("12.3 a stored query needs no body", () => {
    for (const body of [undefined, "", "null", "{}", new Uint8Array()]) {
      expect(decodeRequest("invoke_query", request({ path: { name: "q" }, contentType: null, body })).body).toEqual({});
    }
  });

  test("10.1 aliases are the same request", () => {
    const expected = { query: "q", name: "n", params: { a: 9007199254740993n } };
    for (const operationId of ["mutate", "change", "mutate_if_graph_commit"] as const) {
      const ifGraphCommit = operationId === "mutate_if_graph_commit" ? "c" : null;
      expect(decodeRequest(operationId, request({ ifGraphCommit, body: '{"query_source":"q","query_name":"n","params":{"a":9007199254740993}}' })).body).toEqual(expected);
      expect(decodeRequest(operationId, request({ ifGraphCommit, body: '{"query":"q","name":"n","params":{"a":9007199254740993}}' })).body).toEqual(expected);
    }
    expect(decodeRequest("read", request({ body: '{"query_source":"q","query_name":"n"}' })).body).toEqual({ query: "q", name: "n" });
  });

  test("parameters pass as they are, names of the prototype included", () => {
    const { body } = decodeRequest("query", request({ body: '{"query":"q","params":{"__proto__":1,"constructor":2}}' }));
    expect(Object.keys(body.params as object)).toEqual(["__proto__", "constructor"]);
  });
});

describe("1.5.3, 1.5.4, 18.2 query strings", () => {
  test.each<[string, OperationId, string, RegExp]>([
    ["repeated branch", "getSnapshot", "branch=a&branch=b", /'branch' is given more than once/],
    ["unknown on a change route", "pollChanges", "colour=1", /unknown parameter 'colour'/],
    ["unknown on a commit's changes", "getCommitChanges", "branch=main", /unknown parameter 'branch'/],
    ["repeated cursor", "pollChanges", "cursor=a&cursor=b", /given more than once/],
    ["kind", "pollChanges", "kind=node&kind=table", /'kind' is 'table'; expected one of node, edge/],
    ["op", "pollChanges", "op=upsert", /expected one of insert, update, delete/],
    ["limit", "pollChanges", "limit=ten", /'limit' is 'ten'; expected a whole number/],
    ["limit below", "pollChanges", "limit=-1", /whole number/],
    ["limit with a point", "pollChanges", "limit=1.5", /whole number/],
    ["limit beyond", "pollChanges", "limit=99999999999999999999", /whole number/],
    ["missing selector", "getBlob", "entity=node&type=Doc&id=1", /'property' is required/],
    ["selector", "getBlob", "entity=table&type=Doc&id=1&property=p", /'entity' is 'table'/],
    ["load mode", "loadNdjson", "mode=upsert", /expected one of merge, append, overwrite/],
    ["flag", "diff", "from=a&to=b&images=yes", /expected true or false/],
    ["no other side", "diff", "from=a", /'to' is required/],
  ])("%s", (_title, operationId, query, message) => {
    const error = refusal(operationId, { path: { commit_id: "c" }, query });
    expect(error.httpStatus).toBe(400);
    expect(error.message).toMatch(message);
  });

  test("unknown parameters of other routes are ignored", () => {
    expect(decodeRequest("getSnapshot", request({ query: "colour=1&branch=b" })).query).toEqual({ branch: "b" });
  });

  test("repeatable parameters are lists", () => {
    expect(decodeRequest("pollChanges", request({ query: "kind=node&kind=edge&type=A&limit=5&start=now" })).query).toEqual({ kind: ["node", "edge"], type: ["A"], op: [], limit: 5, start: "now" });
  });
});

describe("4 targets", () => {
  test("4.5 names of branches are trimmed, and never empty", () => {
    expect(decodeRequest("query", request({ body: '{"query":"q","branch":" \\u2003a/b\\n"}' })).body.branch).toBe("a/b");
    expect(decodeRequest("listCommits", request({ query: "branch=%20main%09" })).query.branch).toBe("main");
    expect(decodeRequest("deleteBranch", request({ path: { branch: " x " } })).path.branch).toBe("x");
    expect(decodeRequest("createBranch", request({ body: '{"name":" n ","from":" f "}' })).body).toEqual({ name: "n", from: "f" });
    expect(decodeRequest("mergeBranches", request({ body: '{"source":" s ","target":" t "}' })).body).toEqual({ source: "s", target: "t" });
    for (const [operationId, parts] of [
      ["query", { body: '{"query":"q","branch":"  "}' }],
      ["getSnapshot", { query: "branch=" }],
      ["deleteBranch", { path: { branch: "%20".replace("%20", " ") } }],
      ["createBranch", { body: '{"name":""}' }],
      ["load", { body: '{"data":"","from":" "}' }],
      ["loadNdjson", { query: "from=+" }],
    ] as const) {
      expect(refusal(operationId, parts).httpStatus).toBe(400);
    }
  });

  test("4.1 a branch and a snapshot together are refused, but for an instant on a branch", () => {
    expect(refusal("query", { body: '{"query":"q","branch":"main","snapshot":"c"}' })).toMatchObject({ code: "READ_TARGET_CONFLICT", httpStatus: 400 });
    expect(refusal("getBlob", { query: "entity=node&type=D&id=1&property=p&branch=main&snapshot=c" }).code).toBe("READ_TARGET_CONFLICT");
    expect(decodeRequest("query", request({ body: '{"query":"q","branch":"b","snapshot":"@2026-01-01T00:00:00Z"}' })).body).toMatchObject({ branch: "b" });
  });
});

describe("10.3.1 the condition of a write", () => {
  test.each(["", " ", "*", 'W/"a"', '"01J8Z5W6T4Q8M3N2K1H0G9F8E7"', "a,b", "a, b", "a b", "cömmit", "a\u0000"])("%j is refused", (ifGraphCommit) => {
    expect(refusal("mutate_if_graph_commit", { ifGraphCommit, body: '{"query":"q"}' })).toMatchObject({ httpStatus: 400, code: "REQUEST_PARAMETER" });
  });

  test("missing, and where it does not belong (10.1.3)", () => {
    expect(refusal("mutate_if_graph_commit", { body: '{"query":"q"}' }).message).toContain("is required");
    for (const operationId of ["mutate", "change", "load", "loadNdjson", "ingest", "invoke_query", "createBranch", "deleteBranch", "mergeBranches"] as const) {
      expect(refusal(operationId, { ifGraphCommit: "c", body: "{}" }).message).toContain("is not accepted here");
    }
  });

  test("one raw value, trimmed", () => {
    expect(decodeRequest("mutate_if_graph_commit", request({ ifGraphCommit: " c1 ", body: '{"query":"q"}' })).ifGraphCommit).toBe("c1");
  });
});

test("whatever is sent is a request, or an error that says what is wrong with it", () => {
  const names = [...new Set(Object.values(ROUTES).flatMap(({ query }) => query.map(({ name }) => name)))];
  const members = ["query", "query_source", "name", "params", "branch", "snapshot", "data", "mode", "source", "type_names", "kind", "__proto__", "toString"];
  const value = fc.oneof(fc.jsonValue({ maxDepth: 3 }), fc.string({ unit: "binary" }));
  const body = fc.oneof(fc.string({ unit: "binary" }), fc.uint8Array(), fc.dictionary(fc.constantFrom(...members), value).map((json) => JSON.stringify(json)), value.map((json) => JSON.stringify(json) ?? ""));
  const query = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string()), fc.string({ unit: "binary" })), { maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(ROUTES)), body, query, fc.option(fc.string(), { nil: null }), (route, given, pairs, header) => {
      const path = Object.fromEntries(route.params.map(({ name }) => [name, header ?? "x"]));
      try {
        const input = decodeRequest(route.operationId, { path, query: new URLSearchParams(pairs), contentType: "application/json", body: given, ifGraphCommit: header });
        expect(input).toHaveProperty("query");
      } catch (error) {
        if (!isOmniError(error)) throw error;
        expect([400, 415, 422]).toContain(error.httpStatus);
        expect(error.message.length).toBeLessThan(5_000);
      }
    }),
    { numRuns: 400 },
  );
});
