import { type Clock, systemClock } from "@omnigraphdb/common";
import type { GraphStorage } from "../dataset-gateway.js";
import type { Durability } from "../durability.js";
import type { S3Settings } from "../s3-settings.js";
import { durableStorage } from "./durable-storage.js";
import { LanceConnections } from "./lance-connection.js";
import { LanceDatasetAdministration } from "./lance-dataset-administration.js";
import { LanceDatasetGateway } from "./lance-dataset-gateway.js";
import { LanceManifestTable } from "./lance-manifest-table.js";

export interface GraphStorageOptions {
  readonly clock?: Clock;
  /** Budget of the native index cache, in bytes. Default 256 MiB. */
  readonly indexCacheBytes?: number;
  /** Budget of the native metadata cache, in bytes. Default 128 MiB. */
  readonly metadataCacheBytes?: number;
  /** Default `process`. No effect on S3. */
  readonly durability?: Durability;
  /** Needed for `s3://` roots only. */
  readonly s3?: S3Settings;
}

const MIB = 1_048_576;

/**
 * Datasets and manifest table below `rootUri`. Opens nothing and creates nothing until used: a missing graph stays
 * missing.
 *
 * @throws StorageError of kind Configuration for an address that is no store (URI-1), or S3 without settings
 */
export function openGraphStorage(rootUri: string, options: GraphStorageOptions = {}): GraphStorage {
  const connections = new LanceConnections(rootUri, {
    indexCacheBytes: options.indexCacheBytes ?? 256 * MIB,
    metadataCacheBytes: options.metadataCacheBytes ?? 128 * MIB,
    ...(options.s3 === undefined ? {} : { s3: options.s3 }),
  });
  const datasets = new LanceDatasetGateway(connections);
  const manifest = new LanceManifestTable(connections, options.clock ?? systemClock);
  const storage: GraphStorage = {
    datasets,
    administration: new LanceDatasetAdministration(connections, datasets),
    manifest,
    close(): void {
      datasets.close();
      manifest.close();
      connections.close();
    },
  };
  return options.durability === "power" && connections.isLocal ? durableStorage(storage, connections) : storage;
}
