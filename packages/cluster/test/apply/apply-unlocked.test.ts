/** `state.lock: false` (cluster.md 7.3): nothing but the comparison of the ledger keeps two applies apart (6.5). */
import { readFile, writeFile } from "node:fs/promises";
import { must } from "@omnigraphdb/common";
import { parseS3Environment } from "@omnigraphdb/engine";
import { makeScratchDir, startS3Server } from "@omnigraphdb/testkit";
import { describe, expect, test } from "vitest";
import type { ApplyOutcome } from "../../src/apply/apply-outcome.js";
import { CLUSTER_FAILPOINT, type ClusterFailpoint } from "../../src/apply/cluster-failpoints.js";
import { openClusterStore } from "../../src/storage/cluster-store.js";
import type { DeclaredCluster } from "../../test-support/declare-cluster.js";
import { codesOf, FIND, FIND_AGED, PERSON, PERSON_WITH_CITY, TestCluster } from "./apply-rig.js";

const { beforeStateWrite, afterGraphCreate, afterSchemaApply, beforeGraphCreate } = CLUSTER_FAILPOINT;
const BASE: DeclaredCluster = { graphs: { g: { schema: PERSON, queries: { find: FIND } } } };
const WITH_FRESH: DeclaredCluster = { graphs: { ...BASE.graphs, fresh: { schema: PERSON } } };
const MIGRATED: DeclaredCluster = { graphs: { g: { schema: PERSON_WITH_CITY, queries: { find: FIND } } } };
const REQUERIED: DeclaredCluster = { graphs: { g: { schema: PERSON, queries: { find: FIND_AGED } } } };

async function declareUnlocked(cluster: TestCluster, declared: DeclaredCluster): Promise<void> {
  await cluster.declare(declared);
  const file = `${cluster.configDirectory}/cluster.yaml`;
  await writeFile(file, JSON.stringify({ ...(JSON.parse(await readFile(file, "utf8")) as object), state: { lock: false } }));
}

interface Pair {
  readonly slow: TestCluster;
  readonly quick: TestCluster;
}

/** Two checkouts of one cluster. */
async function withPair(isOnS3: boolean, run: (pair: Pair) => Promise<void>): Promise<void> {
  await using directory = await makeScratchDir();
  await using server = await startS3Server();
  const s3 = isOnS3 ? must(parseS3Environment(server.environment), "the test server gives settings") : undefined;
  const root = isOnS3 ? "s3://pair/prod" : `${directory.path}/root`;
  const open = async (name: string): Promise<TestCluster> => new TestCluster(`${directory.path}/${name}`, await openClusterStore(root, { durability: "process", ...(s3 === undefined ? {} : { s3 }) }), s3);
  const pair: Pair = { slow: await open("slow"), quick: await open("quick") };
  await pair.slow.converge(BASE);
  await run(pair);
}

/** What `quick` came to, which ran from begin to end while `slow` was at `point`. */
async function overtake({ slow, quick }: Pair, point: ClusterFailpoint): Promise<{ readonly first: ApplyOutcome; readonly late: ApplyOutcome; readonly ledger: string }> {
  let first: ApplyOutcome | undefined;
  let ledger = "";
  slow.failpoints.arm(point, async () => {
    slow.failpoints.disarm(point);
    first = await quick.apply();
    ledger = (await quick.readLedger()).text;
  });
  const late = await slow.apply();
  return { first: must(first, `${point} is passed`), late, ledger };
}

const CASES: readonly (readonly [string, ClusterFailpoint, DeclaredCluster, DeclaredCluster, readonly string[]])[] = [
  ["a query, and another text of it", beforeStateWrite, REQUERIED, { graphs: { g: { schema: PERSON, queries: { find: FIND, twin: FIND.replace("find", "twin") } } } }, []],
  ["the same graph, created by the slow one", afterGraphCreate, WITH_FRESH, WITH_FRESH, ["cluster_recovery_rolled_forward graph.fresh"]],
  ["the same migration, done by the slow one", afterSchemaApply, MIGRATED, MIGRATED, ["cluster_recovery_rolled_forward graph.g"]],
  ["a migration, and a query", beforeStateWrite, MIGRATED, REQUERIED, ["cluster_recovery_rolled_forward graph.g"]],
];

describe.each([
  ["local", false],
  ["S3", true],
] as const)("two applies at once without a lock: %s", (_, isOnS3) => {
  test.each(isOnS3 ? CASES.slice(0, 1) : CASES)("cluster.md 6.5, 7.3 %s: the quick one is recorded, the slow one is told, and converges when repeated", async (_case, point, ofSlow, ofQuick, said) =>
    withPair(isOnS3, async (pair) => {
      const { slow, quick } = pair;
      await declareUnlocked(slow, ofSlow);
      await declareUnlocked(quick, ofQuick);
      const { first, late, ledger } = await overtake(pair, point);
      expect(codesOf(first)).toEqual(["state_lock_disabled state.lock", ...said]);
      expect(first).toMatchObject({ isOk: true, isStateWritten: true, isConverged: true });
      expect(codesOf(late)).toContain(`state_cas_mismatch ${slow.store.layout.ledger}`);
      expect(late).toMatchObject({ isOk: false, isStateWritten: false, appliedCount: 0 });
      expect((await slow.readLedger()).text).toBe(ledger);
      expect(await slow.apply()).toMatchObject({ isOk: true, isConverged: true });
      expect(await slow.apply()).toMatchObject({ isOk: true, isConverged: true, isStateWritten: false, changes: [] });
      expect(await slow.sidecars()).toEqual([]);
    }),
  );

  test("cluster.md 6.5, 7.3 the same graph, created by the quick one: the slow one fails, and has nothing to do when repeated", () =>
    withPair(isOnS3, async (pair) => {
      const { slow, quick } = pair;
      await declareUnlocked(slow, WITH_FRESH);
      await declareUnlocked(quick, WITH_FRESH);
      const { first, late, ledger } = await overtake(pair, beforeGraphCreate);
      expect(first).toMatchObject({ isOk: true, isStateWritten: true, isConverged: true });
      expect(late).toMatchObject({ isOk: false, isStateWritten: false, appliedCount: 0 });
      expect((await slow.readLedger()).text).toBe(ledger);
      expect(await slow.apply()).toMatchObject({ isOk: true, isConverged: true, changes: [] });
      expect(await slow.sidecars()).toEqual([]);
    }));
});
