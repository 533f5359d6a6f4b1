import { describe, expect, test } from "vitest";
import { graphUrl, matchServer, serverUrlProblem, splitGraphUrl, trimmedBaseUrl } from "./server-url.js";

const SERVERS = new Map([
  ["dev", { url: "http://h:8080" }],
  ["dev-spike", { url: "http://h:8080/graphs/spike" }],
]);

describe("check 7: the server of a request (§7.1.1, §7.1.2)", () => {
  test.each<[string, string | undefined]>([
    ["http://h:8080", "dev"],
    ["http://h:8080/", "dev"],
    ["http://h:8080/graphs/other/query", "dev"],
    ["http://h:8080/graphs/spike", "dev-spike"],
    ["http://h:8080/graphs/spike/queries/q", "dev-spike"],
    ["http://h:8080/graphs/spiked/query", "dev"],
    ["http://h:8080-evil/x", undefined],
    ["http://h:80801/x", undefined],
    ["http://other:9999", undefined],
    ["https://h:8080", undefined],
    // What an intruder might try.
    ["http://h:8080@evil.example/graphs/spike", undefined],
    ["http://evil.example/http://h:8080", undefined],
    ["http://evil.example?http://h:8080/", undefined],
    ["http://h:8080/graphs/spike/../other", "dev"],
    ["http://h:8080/graphs/Spike", "dev"],
    ["http://H:8080/graphs/spike", "dev-spike"],
    ["file:///h:8080", undefined],
    ["h:8080", undefined],
    ["", undefined],
  ])("%s → %s", (url, server) => {
    expect(matchServer(SERVERS, url)).toBe(server);
  });

  test("O5: default ports are no ports, hosts have no letter case, a trailing / says nothing", () => {
    const servers = new Map([
      ["plain", { url: "http://A.example:80/" }],
      ["safe", { url: "https://a.example/base/" }],
    ]);
    expect(matchServer(servers, "http://a.example/x")).toBe("plain");
    expect(matchServer(servers, "https://a.EXAMPLE:443/base")).toBe("safe");
    expect(matchServer(servers, "https://a.example/BASE")).toBeUndefined();
  });

  test("of two servers with one URL the first wins", () => {
    const servers = new Map([
      ["first", { url: "http://a.example" }],
      ["second", { url: "http://a.example" }],
    ]);
    expect(matchServer(servers, "http://a.example/graphs/g")).toBe("first");
  });
});

describe("O3 base URLs", () => {
  test.each([
    ["https://a.example/base", undefined],
    ["a.example", "is not a URL"],
    ["s3://bucket/x", "must begin with http"],
    ["https://user:hunter2@a.example", "user name or a password"],
    ["https://a.example/?x=1", "without ?"],
  ])("%s", (url, problem) => {
    const found = serverUrlProblem(url);
    if (problem === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(problem);
    expect(found ?? "").not.toContain("hunter2");
  });

  test("§5.8 trailing slashes go", () => {
    expect(trimmedBaseUrl(" http://h/graphs/a// ")).toBe("http://h/graphs/a");
  });

  test.each([
    ["https://h/base/graphs/eu-1/", "https://h/base", "eu-1"],
    ["http://h/graphs/a/graphs/b", "http://h/graphs/a", "b"],
    ["http://h/graphs", "http://h/graphs", undefined],
    ["http://h//", "http://h", undefined],
    ["http://h/graphs/%zz", "http://h", "%zz"],
  ])("O11 %s is a graph of a server", (url, server, graphId) => {
    expect(splitGraphUrl(url)).toEqual({ server, graphId });
  });

  test("a graph's URL and its parts undo each other", () => {
    for (const graphId of ["crm", "a b", "x/y", undefined]) expect(splitGraphUrl(graphUrl("http://h/base", graphId))).toEqual({ server: "http://h/base", graphId });
  });
});
