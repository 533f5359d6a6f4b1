import type { LoadedType, LoadReceipt } from "../models/load.js";
import type { GraphBatchDeclarationOutput, GraphBatchLoadOutput, IngestOutput } from "../wire/load.js";
import { decodeCommit, encodeCommit } from "./commit.js";

export function encodeLoad(receipt: LoadReceipt): GraphBatchLoadOutput {
  return {
    branch: receipt.branch,
    base_branch: receipt.baseBranch,
    branch_created: receipt.branchCreated,
    mode: receipt.mode,
    nodes: receipt.nodes.map(encodeType),
    edges: receipt.edges.map(encodeType),
    total_entities: receipt.totalEntities,
    actor_id: receipt.actorId,
    commit: encodeCommit(receipt.commit),
  };
}

/** @param uri of the graph */
export function encodeIngest(uri: string, receipt: LoadReceipt): IngestOutput {
  return { uri, ...encodeLoad(receipt) };
}

export function decodeLoad(receipt: GraphBatchLoadOutput): LoadReceipt {
  return {
    branch: receipt.branch,
    baseBranch: receipt.base_branch,
    branchCreated: receipt.branch_created,
    mode: receipt.mode,
    nodes: receipt.nodes.map(decodeType),
    edges: receipt.edges.map(decodeType),
    totalEntities: receipt.total_entities,
    actorId: receipt.actor_id,
    commit: decodeCommit(receipt.commit),
  };
}

function encodeType({ name, entitiesLoaded }: LoadedType): GraphBatchDeclarationOutput {
  return { name, entities_loaded: entitiesLoaded };
}

function decodeType({ name, entities_loaded: entitiesLoaded }: GraphBatchDeclarationOutput): LoadedType {
  return { name, entitiesLoaded };
}
