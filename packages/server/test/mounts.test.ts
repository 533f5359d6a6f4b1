import { expect, test } from "vitest";
import { HttpResponse } from "../src/http/http-response.js";
import type { Mount } from "../src/routes/mount.js";
import { startApp } from "./app-fixture.js";

const MOUNTS: readonly Mount[] = [
  { operationId: "echo", method: "POST", scope: "server", path: "/echo", challenges: true, handler: async ({ actor, request }) => new HttpResponse(`${actor ?? "nobody"}: ${Buffer.from(await request.bytes()).toString()}`) },
  { operationId: "echoGraph", method: "POST", scope: "graph", path: "/echo", handler: async ({ served, actor }) => new HttpResponse(`${served.graphId}: ${actor ?? "nobody"}`) },
];

test("mounts are authenticated like every route, find their graph, and may answer with a challenge", async () => {
  await using app = await startApp({ app: { mounts: MOUNTS } });
  const refused = await app.call("POST", "/echo");
  expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
  expect((await app.call("POST", "/graphs/crm/echo")).headers.has("www-authenticate")).toBe(false);
  expect(await (await app.call("POST", "/echo", { actor: "owner", body: "hi" })).text()).toBe("owner: hi");
  expect(await (await app.call("POST", "/graphs/crm/echo", { actor: "reader" })).text()).toBe("crm: reader");
  expect((await app.call("POST", "/graphs/ghost/echo", { actor: "reader" })).status).toBe(404);
  expect((await app.call("GET", "/echo")).headers.get("allow")).toBe("POST");
});

test("in the flat mode the mounts of the graph stand at the root", async () => {
  await using app = await startApp({ mode: "single", app: { mounts: [MOUNTS[1] as Mount] } });
  expect(await (await app.call("POST", "/echo", { actor: "reader" })).text()).toBe("crm: reader");
});

test("a body that is written later keeps the graphs of its request open until it ends", async () => {
  let release: (() => void) | undefined;
  const later: Mount = { operationId: "later", method: "GET", scope: "graph", path: "/later", handler: async (context) => {
    release = context.hold();
    return new HttpResponse("begun");
  } };
  await using app = await startApp({ app: { mounts: [later] } });
  await app.call("GET", "/graphs/crm/later", { actor: "reader" });
  expect(app.leaseCount()).toBe(1);
  release?.();
  release?.();
  expect(app.leaseCount()).toBe(0);
});
