/** The store of the graphs goes away under a running server, and comes back. */
import { parseS3Environment } from "@omnigraphdb/engine";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { startS3Server } from "@omnigraphdb/testkit";
import { expect, test } from "vitest";
import { startTestServer } from "../../test-support/index.js";
import { ADD_PERSON, ask, namesOf, PEOPLE_GRAPH } from "../boot/fixtures.js";

test("while a bucket does not answer, requests fail typed and say nothing of where it is; afterwards everything acknowledged is there", { timeout: 60_000 }, async () => {
  await using store = await startS3Server();
  const { environment } = store;
  await writeAppliedCluster("s3://bucket/secret-prefix", { graphs: { crm: PEOPLE_GRAPH } }, { s3: parseS3Environment(environment) });
  await using server = await startTestServer({ cluster: "s3://bucket/secret-prefix", args: ["--unauthenticated"], env: environment });
  const add = (name: string): ReturnType<typeof ask> => ask(server.url, "/graphs/crm/mutate", { body: { query: ADD_PERSON, params: { name } } });
  expect((await add("before")).status).toBe(200);
  const present = ["ann", "before", "bo"];
  const answers: Awaited<ReturnType<typeof ask>>[] = [];
  for (const fault of [{ kind: "fail", status: 403 }, { kind: "fail", status: 404 }] as const) {
    store.injectFaults(() => fault);
    answers.push(await add("during"));
    answers.push(await ask(server.url, "/graphs/crm/branches", { body: { name: "during" } }));
    expect((await ask(server.url, "/healthz")).status).toBe(200);
    store.injectFaults(undefined);
    // What was left half done is settled first.
    await expect.poll(async () => (await add(`after ${fault.status}`)).status, { timeout: 15_000 }).toBe(200);
    present.push(`after ${fault.status}`);
  }
  for (const { status, body } of answers) {
    expect(body, String(status)).toMatchObject({ error_code: expect.any(String) as string });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(JSON.stringify(body)).not.toMatch(/secret-prefix|127\.0\.0\.1|bucket/);
  }
  expect((await namesOf(server.url)).filter((name) => name !== "during")).toEqual(present.sort());
});
