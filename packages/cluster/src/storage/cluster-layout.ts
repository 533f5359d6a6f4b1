import { joinUri } from "@omnigraphdb/engine";

/** Addresses of everything a cluster stores below its storage root (cluster.md §5). Built here only. */
export interface ClusterLayout {
  readonly root: string;
  /** Of everything but the graphs. */
  readonly controlDirectory: string;
  readonly ledger: string;
  /** There only while a command holds it. */
  readonly lock: string;
  readonly approvalsDirectory: string;
  readonly recoveriesDirectory: string;
  /** `<digest>.gq` */
  queryObject(graphId: string, name: string, digest: string): string;
  /** `<digest>.yaml` */
  policyObject(name: string, digest: string): string;
  recoverySidecar(operationId: string): string;
  approval(approvalId: string): string;
  graphRoot(graphId: string): string;
}

/** @param root a normalised storage root */
export function clusterLayout(root: string): ClusterLayout {
  const at = (child: string): string => joinUri(root, child);
  return {
    root,
    controlDirectory: at("__cluster"),
    ledger: at("__cluster/state.json"),
    lock: at("__cluster/lock.json"),
    approvalsDirectory: at("__cluster/approvals"),
    recoveriesDirectory: at("__cluster/recoveries"),
    queryObject: (graphId, name, digest) => at(`__cluster/resources/query/${graphId}/${name}/${digest}.gq`),
    policyObject: (name, digest) => at(`__cluster/resources/policy/${name}/${digest}.yaml`),
    recoverySidecar: (operationId) => at(`__cluster/recoveries/${operationId}.json`),
    approval: (approvalId) => at(`__cluster/approvals/${approvalId}.json`),
    graphRoot: (graphId) => at(`graphs/${graphId}.omni`),
  };
}
