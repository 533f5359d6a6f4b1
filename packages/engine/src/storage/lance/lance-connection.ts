import type { Connection, Session, Table } from "@lancedb/lancedb";
import { type DatasetFiles, openDatasetFiles } from "../dataset-files.js";
import type { DatasetLocation } from "../dataset-gateway.js";
import { StorageError } from "../errors.js";
import { LocalObjectStore } from "../local-object-store.js";
import type { S3Settings } from "../s3-settings.js";
import { isS3Uri, joinUri, localPathOf, normalizeUri } from "../uri.js";
import { lance } from "./arrow.js";
import { translateNativeErrors } from "./classify-error.js";

/** `tree/<name>` within a dataset holds what belongs to a native branch. */
export const BRANCHES_DIRECTORY = "tree";

export interface LanceConnectionOptions {
  readonly indexCacheBytes: number;
  readonly metadataCacheBytes: number;
  readonly s3?: S3Settings;
}

/** A table's place: the directory of its connection below the root ("" = the root itself), and its name. */
export interface TableAddress {
  readonly directory: string;
  readonly name: string;
}

/** Splits `nodes/<name>` into connection directory and table name. */
export function tableAddressOf(datasetDirectory: string): TableAddress {
  const slash = datasetDirectory.lastIndexOf("/");
  return { directory: datasetDirectory.slice(0, Math.max(slash, 0)), name: datasetDirectory.slice(slash + 1) };
}

/**
 * Connections to the directories of one root: one per directory, because a connection sees only its own tables, and one
 * shared session, because the native default budgets are 7 GB (DG-9).
 */
export class LanceConnections {
  readonly #root: string;
  readonly #options: LanceConnectionOptions;
  readonly #connections = new Map<string, Promise<Connection>>();
  #session: Session | undefined;
  #files: Promise<DatasetFiles> | undefined;

  constructor(rootUri: string, options: LanceConnectionOptions) {
    // The binding parses `file://` differently from paths; it always gets an absolute path (or s3://).
    this.#root = isS3Uri(rootUri) ? normalizeUri(rootUri) : localPathOf(rootUri);
    this.#options = options;
    if (!this.isLocal && options.s3 === undefined) throw new StorageError("Configuration", `no S3 settings for ${rootUri}`);
  }

  get isLocal(): boolean {
    return !isS3Uri(this.#root);
  }

  /** Path (or `s3://` address) of a table's directory. */
  tablePath(address: TableAddress): string {
    const parent = address.directory === "" ? this.#root : joinUri(this.#root, address.directory);
    return joinUri(parent, `${address.name}.lance`);
  }

  /** Path (or `s3://` address) of the directory that holds a lineage's own files. */
  lineagePath(location: DatasetLocation): string {
    const dataset = this.tablePath(tableAddressOf(location.directory));
    return location.nativeBranch === null ? dataset : `${dataset}/${BRANCHES_DIRECTORY}/${location.nativeBranch}`;
  }

  /** The files inside the datasets of this root. */
  files(): Promise<DatasetFiles> {
    this.#files ??= openDatasetFiles(this.#root, this.#options.s3);
    return this.#files;
  }

  /**
   * Looks without side effects: connecting would create the directory of an absent local table.
   */
  async tableExists(address: TableAddress): Promise<boolean> {
    if (this.isLocal) return new LocalObjectStore().exists(`${this.tablePath(address)}/_versions`);
    try {
      await this.openTable(address);
      return true;
    } catch (error) {
      if (error instanceof StorageError && error.kind === "NotFound") return false;
      throw error;
    }
  }

  /** A fresh handle: at `version`, read-only; without it, at the latest version. */
  async openTable(address: TableAddress, branch: string | null = null, version?: number): Promise<Table> {
    const mayCreateDirectory = this.isLocal && !this.#connections.has(address.directory);
    if (mayCreateDirectory && !(await this.tableExists(address))) {
      throw new StorageError("NotFound", `no dataset ${address.name}`);
    }
    const connection = await this.connect(address.directory);
    const pin = version === undefined ? {} : { version };
    return translateNativeErrors({ action: "open a dataset", ...pin }, () =>
      connection.openTable(address.name, [], { ...(branch === null ? {} : { branch }), ...pin }),
    );
  }

  connect(directory: string): Promise<Connection> {
    let connection = this.#connections.get(directory);
    if (connection === undefined) {
      connection = this.#open(directory);
      this.#connections.set(directory, connection);
      connection.catch(() => this.#connections.delete(directory));
    }
    return connection;
  }

  close(): void {
    for (const connection of this.#connections.values()) {
      connection.then(
        (open) => open.close(),
        () => undefined,
      );
    }
    this.#connections.clear();
  }

  #open(directory: string): Promise<Connection> {
    const { connect, Session } = lance();
    const { indexCacheBytes, metadataCacheBytes, s3 } = this.#options;
    this.#session ??= new Session(BigInt(indexCacheBytes), BigInt(metadataCacheBytes));
    const address = directory === "" ? this.#root : joinUri(this.#root, directory);
    const storageOptions = s3 === undefined || this.isLocal ? {} : { storageOptions: storageOptionsOf(s3) };
    const session = this.#session;
    return translateNativeErrors({ action: "reach the storage" }, () => connect(address, { session, ...storageOptions }));
  }
}

function storageOptionsOf(s3: S3Settings): Record<string, string> {
  return {
    awsRegion: s3.region,
    allowHttp: String(s3.allowHttp),
    awsVirtualHostedStyleRequest: String(!s3.forcePathStyle),
    ...(s3.endpoint === undefined ? {} : { endpoint: s3.endpoint }),
    ...(s3.accessKeyId === undefined ? {} : { awsAccessKeyId: s3.accessKeyId }),
    ...(s3.secretAccessKey === undefined ? {} : { awsSecretAccessKey: s3.secretAccessKey }),
    ...(s3.sessionToken === undefined ? {} : { awsSessionToken: s3.sessionToken }),
  };
}
