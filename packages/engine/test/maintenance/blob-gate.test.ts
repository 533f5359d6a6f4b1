import { expect, test } from "vitest";
import { CommitGraph } from "../../src/commit-graph/commit-graph.js";
import { Optimizer } from "../../src/maintenance/optimize.js";
import { initGraph } from "../../src/open/init-graph.js";
import { openGraph } from "../../src/open/open-graph.js";
import { makeMaintenanceServices } from "../../src/open/maintenance-services.js";
import { SidecarStore } from "../../src/recovery/sidecar-store.js";
import { makeTempDir } from "@omnigraphdb/testkit";

const SCHEMA = "node File {\n  name: String @key\n  size: I32? @index\n  content: Blob?\n}\nnode Folder {\n  name: String @key\n  depth: I32? @index\n}\n";

test("MT-7 with the gate closed, datasets with blobs are left alone and said to be; the others proceed", async () => {
  await using dir = await makeTempDir();
  const uri = `${dir.path}/g.omni`;
  await initGraph(uri, SCHEMA);
  const graph = await openGraph(uri, { mode: "rw" });
  const { access, writing } = graph;
  if (writing === undefined) throw new Error("opened for reading");
  const { objects, layout, manifest, storage, components } = access;
  const { writer } = writing;
  const closed = new Optimizer({
    writer,
    sidecars: new SidecarStore(objects, layout, components.failpoints),
    manifest,
    datasets: storage.datasets,
    administration: storage.administration,
    compactsBlobs: false,
    compactManifest: () => writer.compactManifest(),
    concurrency: 2,
  });
  const main = { branch: null, incarnation: undefined, actorId: null };
  const outcomes = (datasets: readonly { typeKey: string; skipped: string | null; committed: boolean }[]): unknown =>
    datasets.slice(1).map(({ typeKey, skipped, committed }) => [typeKey, skipped, committed]);
  expect(outcomes((await closed.optimize(main)).datasets)).toEqual([
    ["node:File", "blob_columns_unsupported_by_lance", false],
    ["node:Folder", null, true],
  ]);
  const open = makeMaintenanceServices(access, writing, new CommitGraph(manifest)).optimizer;
  expect(outcomes((await open.optimize(main)).datasets)).toEqual([
    ["node:File", null, true],
    ["node:Folder", null, false],
  ]);
  await graph.resources.dispose();
});
