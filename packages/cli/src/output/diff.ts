import type { Json } from "@omnigraphdb/common";
import { changeToJson, type EntityDifference, type GraphDiff } from "@omnigraphdb/engine";
import { changeText } from "./changes.js";

/** The document of a diff. */
export function diffJson(diff: GraphDiff): Json {
  const { inserts, updates, deletes, typesAffected } = diff.stats;
  return {
    from_graph_manifest_version: diff.fromGraphManifestVersion,
    to_graph_manifest_version: diff.toGraphManifestVersion,
    graph_branch: diff.graphBranch,
    changes: diff.changes.map(differenceJson),
    stats: { inserts, updates, deletes, types_affected: typesAffected },
  };
}

function differenceJson({ kind, typeName, id, op, publishedDatasetVersion, endpoints, before, after }: EntityDifference): Json {
  const { before: older, after: newer } = changeToJson({ kind, type: { id: "", name: typeName }, id, op, ...(before && { before }), ...(after && { after }) }) as Readonly<Record<string, Json>>;
  return {
    kind,
    type_name: typeName,
    id,
    op,
    published_dataset_version: publishedDatasetVersion,
    ...(endpoints === undefined ? {} : { endpoints: { src: endpoints.src, dst: endpoints.dst } }),
    ...(older === undefined ? {} : { before: older }),
    ...(newer === undefined ? {} : { after: newer }),
  };
}

/** For a person: as `commit changes` shows changes, and how many there are. */
export function* diffText({ changes, stats }: GraphDiff): Iterable<string> {
  for (const change of changes) yield changeText(change.kind, change.typeName, change);
  yield `${stats.inserts} inserted, ${stats.updates} updated, ${stats.deletes} deleted\n`;
}
