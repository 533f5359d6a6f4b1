import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { graphStateOf } from "../../src/changes/change-context.js";
import { ChangeScope } from "../../src/changes/change-filter.js";
import { findChangedIds } from "../../src/changes/changed-ids.js";
import { changedTypes, type TypeSide } from "../../src/changes/changed-type.js";
import { TypeStates } from "../../src/delta/type-states.js";
import { accessRoot } from "../../src/open/root-access.js";
import { SnapshotReader } from "../../src/open/snapshot-reader.js";
import { applyChange, type Content, keyOf, readContent } from "./content.js";
import { ChangingGraph } from "./changes-fixture.js";
import { SHELVES, Workload } from "./workload.js";

/** What differs between two maps, as the diff orders it (CH-6). */
function expectedDiff(from: Content, to: Content): readonly string[] {
  const changes: string[] = [];
  for (const key of new Set([...from.keys(), ...to.keys()])) {
    const [before, after] = [from.get(key), to.get(key)];
    if (before !== after) changes.push(`${key} ${before === undefined ? "insert" : after === undefined ? "delete" : "update"}`);
  }
  return changes.sort();
}

describe("diff", () => {
  test("CH-1 CH-2 CH-3 CH-6 any two commits differ by what their contents say, by revisions and by comparing all", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(2 ** 31 - 1), async (seed) => {
        await using target = await ChangingGraph.create(SHELVES);
        const workload = new Workload(target, seed);
        const commits = [await target.graph.headCommitId()];
        for (let i = 0; i < 10; i++) {
          await workload.step();
          for (const branch of await target.graph.branchList()) {
            const head = await target.graph.headCommitId(branch);
            if (!commits.includes(head)) commits.push(head);
          }
        }
        const live = await Promise.all(commits.map((id) => target.graph.getCommit(id).then(() => [id], () => [])));
        const known = live.flat();
        await using resources = { access: await accessRoot(target.path, {}), [Symbol.asyncDispose]() { this.access.storage.close(); return Promise.resolve(); } };
        const { access } = resources;
        const snapshots = new SnapshotReader(access, target.graph.schema);
        const states = new TypeStates(access.storage.datasets, access.storage.administration);
        for (let i = 0; i < 4; i++) {
          const [a, b] = [known[(seed + 7 * i) % known.length] as string, known[(seed + 3 * i * i + 1) % known.length] as string];
          const [from, to] = [await readContent(target.graph, { snapshot: a }), await readContent(target.graph, { snapshot: b })];
          const diff = await target.graph.diffCommits(a, b, { images: true });
          expect(diff.changes.map(({ kind, typeName, id, op }) => `${keyOf(kind, typeName, id)} ${op}`)).toEqual(expectedDiff(from, to));
          expect([diff.stats.inserts, diff.stats.updates, diff.stats.deletes]).toEqual((["insert", "update", "delete"] as const).map((op) => diff.changes.filter((change) => change.op === op).length));
          for (const { typeName, endpoints: _, publishedDatasetVersion: __, ...change } of diff.changes) applyChange(from, { ...change, type: { id: "", name: typeName } });
          expect(from).toEqual(to);
          const context = { manifest: access.manifest, commits: snapshots.commits, pacer: access.components.pacer, entities: undefined as never, catalogOf: async () => Promise.resolve(target.graph.schema.catalog) };
          const [before, after] = [await graphStateOf(await snapshots.commits.record(a), context), await graphStateOf(await snapshots.commits.record(b), context)];
          for (const type of changedTypes(before, after, new ChangeScope({}))) {
            // Revisions that do not count: every row is compared.
            const unknown = (side: TypeSide | undefined): TypeSide | undefined => side && { ...side, pin: { ...side.pin, revisionFloor: Number.MAX_SAFE_INTEGER } };
            const byRevision = await findChangedIds(type, states, undefined, undefined);
            expect(await findChangedIds({ ...type, before: unknown(type.before), after: unknown(type.after) }, states, undefined, undefined)).toEqual(byRevision);
            const pieces = [];
            for (let last: string | undefined, isLast = false; !isLast; ) {
              const window = await findChangedIds(type, states, last, undefined, 2);
              pieces.push(...window.entries);
              last = window.entries.at(-1)?.id;
              ({ isLast } = window);
            }
            expect(pieces).toEqual(byRevision.entries);
          }
        }
      }),
      { numRuns: 2, endOnFailure: true },
    );
  });
});
