export { type AppliedCluster, type AppliedClusterOptions, type AppliedClusterSpec, type AppliedGraphSpec, writeAppliedCluster, writeLedger } from "./applied-cluster.js";
export { type ConfigDirectorySpec, writeConfigDirectory } from "./config-directory.js";
export { declareCluster, type DeclaredCluster } from "./declare-cluster.js";
