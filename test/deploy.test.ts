import { spawn, spawnSync } from "node:child_process";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { validate } from "dockerfile-utils";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { ROOT } from "./source-tree.js";

const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

describe("server.md §10: what the container runs", () => {
  let folder: string;

  beforeAll(() => {
    // The image's layout, with a program in the server's place that says how it was started.
    folder = mkdtempSync(path.join(tmpdir(), "omnigraph-image-"));
    mkdirSync(path.join(folder, "server/bin"), { recursive: true });
    writeFileSync(path.join(folder, "server/bin/omnigraph-server.js"), "console.log(JSON.stringify(process.argv.slice(2)));");
    copyFileSync(path.join(ROOT, "deploy/entrypoint.sh"), path.join(folder, "entrypoint.sh"));
    chmodSync(path.join(folder, "entrypoint.sh"), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  const start = (variables: Record<string, string>, ...args: string[]) =>
    spawnSync(path.join(folder, "entrypoint.sh"), args, { encoding: "utf8", env: { PATH: process.env["PATH"], ...variables } });

  test.each<[string, Record<string, string>, string[], string[]]>([
    ["arguments go through", { OMNIGRAPH_CLUSTER: "s3://b/p" }, ["--version"], ["--version"]],
    ["a cluster", { OMNIGRAPH_CLUSTER: "s3://b/p" }, [], ["--cluster", "s3://b/p", "--bind", "0.0.0.0:8080"]],
    ["a cluster and an address", { OMNIGRAPH_CLUSTER: "/srv/my graphs", OMNIGRAPH_BIND: "127.0.0.1:9" }, [], ["--cluster", "/srv/my graphs", "--bind", "127.0.0.1:9"]],
    ["a graph", { OMNIGRAPH_TARGET_URI: "/data/a.omni" }, [], ["/data/a.omni", "--bind", "0.0.0.0:8080"]],
    ["a graph and a file", { OMNIGRAPH_TARGET_URI: "/data/a.omni", OMNIGRAPH_CONFIG: "/a b.yaml" }, [], ["/data/a.omni", "--config", "/a b.yaml", "--bind", "0.0.0.0:8080"]],
    ["a file", { OMNIGRAPH_CONFIG: "/o.yaml" }, [], ["--config", "/o.yaml", "--bind", "0.0.0.0:8080"]],
    ["a file and a target", { OMNIGRAPH_CONFIG: "/o.yaml", OMNIGRAPH_TARGET: "crm" }, [], ["--config", "/o.yaml", "--target", "crm", "--bind", "0.0.0.0:8080"]],
  ])("%s", (_, variables, args, expected) => {
    const { stdout, status } = start(variables, ...args);
    expect(JSON.parse(stdout)).toEqual(expected);
    expect(status).toBe(0);
  });

  test.each(["OMNIGRAPH_TARGET_URI", "OMNIGRAPH_CONFIG", "OMNIGRAPH_TARGET"])("a cluster excludes %s", (name) => {
    const { stderr, status } = start({ OMNIGRAPH_CLUSTER: "s3://b/p", [name]: "x" });
    expect(stderr).toContain(name);
    expect(status).toBe(64);
  });

  test("nothing: usage, exit 64", () => {
    const { stdout, stderr, status } = start({});
    expect([stdout, status]).toEqual(["", 64]);
    expect(stderr).toContain("OMNIGRAPH_CLUSTER");
  });
});

describe("the image", () => {
  const dockerfile = read("deploy/Dockerfile");

  test("its file has no faults", () => {
    expect(validate(dockerfile)).toEqual([]);
  });

  test("it does not run as root, and listens where the server does", () => {
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toMatch(/^EXPOSE 8080$/m);
  });

  test("its health check asks at the port that the server was given", async () => {
    const script = /^HEALTHCHECK .* CMD (\[.*\])$/m.exec(dockerfile)?.[1] ?? "[]";
    const [program = "", ...args] = JSON.parse(script) as string[];
    const asked: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url);
      response.writeHead(asked.length === 1 ? 200 : 503).end();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const check = (): Promise<number | null> =>
      new Promise((resolve) => spawn(program, args, { env: { PATH: process.env["PATH"], OMNIGRAPH_BIND: `0.0.0.0:${port}` } }).on("close", resolve));
    try {
      expect([await check(), await check()]).toEqual([0, 1]);
      expect(asked).toEqual(["/healthz", "/healthz"]);
    } finally {
      server.close();
    }
  });

  test("it fetches the package manager that the workspace is made with", () => {
    const { packageManager } = JSON.parse(read("package.json")) as { packageManager: string };
    expect(dockerfile).toContain(`npx --yes ${packageManager} `);
  });
});

describe("the compose file", () => {
  const compose = parse(read("deploy/compose/compose.yaml"), { merge: true }) as {
    services: Record<string, { image: string; environment?: Record<string, string>; depends_on?: Record<string, unknown>; secrets?: string[]; volumes?: string[] }>;
    secrets: Record<string, unknown>;
    volumes: Record<string, unknown>;
  };

  test("services, secrets and volumes that it refers to are declared", () => {
    for (const { depends_on, secrets, volumes } of Object.values(compose.services)) {
      for (const name of Object.keys(depends_on ?? {})) expect(compose.services).toHaveProperty([name]);
      for (const name of secrets ?? []) expect(compose.secrets).toHaveProperty([name]);
      for (const volume of volumes ?? []) {
        const source = volume.split(":", 1)[0] ?? "";
        if (!source.startsWith(".")) expect(compose.volumes).toHaveProperty([source]);
      }
    }
  });

  test("every image has a version, but for the one that is built", () => {
    for (const { image } of Object.values(compose.services)) expect(image).toMatch(/^omnigraph$|:[\w.-]+$/);
  });

  test("its cluster is that of the example, in a bucket", () => {
    expect(read("deploy/compose/cluster.yaml")).toBe(read("examples/company-brain/cluster.yaml").replace(/^storage: .*$/m, "storage: s3://omnigraph/company-brain"));
    expect(compose.services["server"]?.environment?.["OMNIGRAPH_CLUSTER"]).toBe("s3://omnigraph/company-brain");
  });
});
