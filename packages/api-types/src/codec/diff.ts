import type { EntityDifference, GraphDiff } from "../models/diff.js";
import type { EntityDifferenceOutput, GraphDiffOutput } from "../wire/diff.js";
import { decodeImage, encodeImage } from "./changes.js";

export function encodeDiff(diff: GraphDiff): GraphDiffOutput {
  const { inserts, updates, deletes, typesAffected } = diff.stats;
  return {
    from_graph_manifest_version: diff.fromGraphManifestVersion,
    to_graph_manifest_version: diff.toGraphManifestVersion,
    graph_branch: diff.graphBranch,
    changes: diff.changes.map(encodeDifference),
    stats: { inserts, updates, deletes, types_affected: typesAffected },
  };
}

export function decodeDiff(diff: GraphDiffOutput): GraphDiff {
  const { inserts, updates, deletes, types_affected: typesAffected } = diff.stats;
  return {
    fromGraphManifestVersion: diff.from_graph_manifest_version,
    toGraphManifestVersion: diff.to_graph_manifest_version,
    graphBranch: diff.graph_branch,
    changes: diff.changes.map(decodeDifference),
    stats: { inserts, updates, deletes, typesAffected },
  };
}

function encodeDifference({ kind, typeName, id, op, publishedDatasetVersion, endpoints, before, after }: EntityDifference): EntityDifferenceOutput {
  return {
    kind,
    type_name: typeName,
    id,
    op,
    published_dataset_version: publishedDatasetVersion,
    ...(endpoints === undefined ? {} : { endpoints: { src: endpoints.src, dst: endpoints.dst } }),
    ...(before === undefined ? {} : { before: encodeImage(before) }),
    ...(after === undefined ? {} : { after: encodeImage(after) }),
  };
}

function decodeDifference({ kind, type_name: typeName, id, op, published_dataset_version: publishedDatasetVersion, endpoints, before, after }: EntityDifferenceOutput): EntityDifference {
  return {
    kind,
    typeName,
    id,
    op,
    publishedDatasetVersion,
    ...(endpoints === undefined ? {} : { endpoints: { src: endpoints.src, dst: endpoints.dst } }),
    ...(before === undefined ? {} : { before: decodeImage(before) }),
    ...(after === undefined ? {} : { after: decodeImage(after) }),
  };
}
