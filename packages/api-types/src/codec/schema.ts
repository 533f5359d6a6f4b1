import type { SchemaApplyReceipt, SchemaStep } from "../models/schema.js";
import type { SchemaApplyOutput, SchemaStepOutput } from "../wire/schema.js";
import { decodeOptionalCommit, encodeOptionalCommit } from "./commit.js";

/** @param uri of the graph */
export function encodeSchemaApply(uri: string, { supported, applied, steps, graphManifestVersion, actorId, commit }: SchemaApplyReceipt): SchemaApplyOutput {
  return {
    uri,
    supported,
    applied,
    step_count: steps.length,
    graph_manifest_version: graphManifestVersion,
    steps: steps satisfies readonly SchemaStepOutput[],
    actor_id: actorId,
    commit: encodeOptionalCommit(commit),
  };
}

export function decodeSchemaApply({ applied, steps, graph_manifest_version: graphManifestVersion, actor_id: actorId, commit }: SchemaApplyOutput): SchemaApplyReceipt {
  return { supported: true, applied, steps: steps satisfies readonly SchemaStep[], graphManifestVersion, actorId, commit: decodeOptionalCommit(commit) };
}
