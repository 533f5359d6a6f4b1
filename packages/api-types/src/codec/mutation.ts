import type { MutationReceipt } from "../models/mutation.js";
import type { ChangeOutput } from "../wire/mutation.js";
import { decodeOptionalCommit, encodeOptionalCommit } from "./commit.js";

export function encodeMutation(receipt: MutationReceipt): ChangeOutput {
  return {
    branch: receipt.branch,
    query_name: receipt.queryName,
    affected_nodes: receipt.affectedNodes,
    affected_edges: receipt.affectedEdges,
    actor_id: receipt.actorId,
    commit: encodeOptionalCommit(receipt.commit),
  };
}

export function decodeMutation(receipt: ChangeOutput): MutationReceipt {
  return {
    branch: receipt.branch,
    queryName: receipt.query_name,
    affectedNodes: receipt.affected_nodes,
    affectedEdges: receipt.affected_edges,
    actorId: receipt.actor_id,
    commit: decodeOptionalCommit(receipt.commit),
  };
}
