import type { Table } from "@lancedb/lancedb";
import { assert, must } from "@omnigraphdb/common";
import type { DatasetFiles } from "../dataset-files.js";
import type {
  DatasetAdministration,
  DatasetLocation,
  ForkState,
  IndexState,
  PruneResult,
  VersionState,
} from "../dataset-gateway.js";
import type { DatasetSchema } from "../dataset-schema.js";
import { ForkInUseError, isStorageError, StorageError } from "../errors.js";
import { lance } from "./arrow.js";
import { classifyNativeError, translateNativeErrors } from "./classify-error.js";
import { arrowSchemaOf } from "./column-codec.js";
import { BRANCHES_DIRECTORY, type LanceConnections, tableAddressOf } from "./lance-connection.js";
import type { LanceDatasetGateway } from "./lance-dataset-gateway.js";
import { indexStates, rebuildIndexes } from "./native-indexes.js";
import { MalformedRecordError } from "./protobuf.js";
import { setTornVersionsAside } from "./torn-versions.js";
import { decodeOperation, decodeVersionFile, versionFileName } from "./version-record.js";

/** Files that only a killed writer leaves: the native library's temporary data files, and the staging files of its object store. */
const RESIDUE_NAME = /^\.tmp|#\d+$/;

/** Operations on LanceDB tables that commit outside the coordinator. */
export class LanceDatasetAdministration implements DatasetAdministration {
  readonly #connections: LanceConnections;
  readonly #gateway: LanceDatasetGateway;

  constructor(connections: LanceConnections, gateway: LanceDatasetGateway) {
    this.#connections = connections;
    this.#gateway = gateway;
  }

  async createEmpty(location: DatasetLocation, schema: DatasetSchema): Promise<number> {
    const { directory, name } = tableAddressOf(location.directory);
    const connection = await this.#connections.connect(directory);
    const version = await translateNativeErrors({ action: "create a dataset", effects: "possible" }, async () => {
      const table = await connection.createEmptyTable(name, arrowSchemaOf(schema), { mode: "create" });
      // Free on an empty table, so no commit ever pays for building them (architecture §4.9).
      for (const column of schema.indexedColumns) await table.createIndex(column, { config: lance().Index.btree() });
      return table.version();
    });
    this.#gateway.forget(location);
    return version;
  }

  exists(location: DatasetLocation): Promise<boolean> {
    return this.#connections.tableExists(tableAddressOf(location.directory));
  }

  async restore(location: DatasetLocation, version: number): Promise<number> {
    const pinned = await this.#connections.openTable(tableAddressOf(location.directory), location.nativeBranch, version);
    await translateNativeErrors({ action: "restore a dataset version", version, effects: "possible" }, () => pinned.restore());
    this.#gateway.forget(location);
    return this.#gateway.headVersion(location);
  }

  async drop(location: DatasetLocation): Promise<void> {
    const address = tableAddressOf(location.directory);
    if (!(await this.#connections.tableExists(address))) return;
    const connection = await this.#connections.connect(address.directory);
    try {
      await translateNativeErrors({ action: "drop a dataset", effects: "possible" }, () => connection.dropTable(address.name));
    } catch (error) {
      if (!isStorageError(error, "NotFound")) throw error;
    } finally {
      this.#gateway.forgetDataset(location.directory);
    }
  }

  async fork(from: DatasetLocation, version: number, to: DatasetLocation): Promise<number> {
    assert(from.directory === to.directory, "a fork stays within its dataset");
    const name = must(to.nativeBranch, "a fork needs a name of its own");
    const source = await this.#connections.openTable(tableAddressOf(from.directory), from.nativeBranch, version);
    try {
      return await translateNativeErrors({ action: "fork a dataset", effects: "possible" }, async () => {
        const fork = await (await source.branches()).create(name, from.nativeBranch ?? undefined, version);
        // The binding looks for indexes inherited from further up in the wrong directory (DG-7).
        if (from.nativeBranch !== null) await rebuildIndexes(fork, source);
        return fork.version();
      });
    } finally {
      this.#gateway.forget(to);
    }
  }

  async findHead(location: DatasetLocation): Promise<number | undefined> {
    if (location.nativeBranch !== null && !(await this.#hasBranchRecord(location))) return undefined;
    // Not through the shared handle: another process may have dropped what it was opened on.
    this.#gateway.forget(location);
    try {
      return await this.#wholeHead(location);
    } catch (error) {
      if (isStorageError(error, "NotFound")) return undefined;
      throw error;
    }
  }

  async listForks(directory: string): Promise<readonly ForkState[]> {
    const table = await this.#open({ directory, nativeBranch: null });
    const branches = await nativeBranchesOf(table);
    const names = Object.keys(branches);
    const files = await this.#connections.files();
    const directories = await files.list(`${this.#datasetPath(directory)}/${BRANCHES_DIRECTORY}`);
    const hasDirectory = new Set(directories.map((entry) => entry.name));
    const forks = Object.entries(branches).map(([nativeBranch, { parentBranch, parentVersion }]): ForkState => {
      const isComplete = hasDirectory.has(nativeBranch.split("/", 1)[0] as string);
      return { nativeBranch, parent: parentBranch ?? null, parentVersion, isComplete };
    });
    const leftOver = directories.filter(({ name, isDirectory }) => isDirectory && !names.some((branch) => branch === name || branch.startsWith(`${name}/`)));
    forks.push(...leftOver.map(({ name }): ForkState => ({ nativeBranch: name, parent: null, parentVersion: 0, isComplete: false })));
    return forks.sort((left, right) => (left.nativeBranch < right.nativeBranch ? -1 : 1));
  }

  async deleteFork(location: DatasetLocation): Promise<void> {
    const name = must(location.nativeBranch, "the native main lineage is no fork");
    try {
      await this.#deleteBranch(location, name);
      const files = await this.#connections.files();
      await files.deletePrefix(this.#connections.lineagePath(location));
    } finally {
      this.#gateway.forget(location);
    }
  }

  async listVersions(location: DatasetLocation): Promise<readonly VersionState[]> {
    const table = await this.#open(location);
    const versions = await translateNativeErrors({ action: "list the versions of a dataset" }, () => table.listVersions());
    return versions
      .map(({ version, timestamp }) => ({ version, createdAtMs: timestamp.getTime() }))
      .sort((left, right) => left.version - right.version);
  }

  async operationsAfter(location: DatasetLocation, version: number): Promise<readonly (string | undefined)[]> {
    const head = await this.#gateway.headVersion(location);
    const files = await this.#connections.files();
    const operations: (string | undefined)[] = [];
    for (let next = version + 1; next <= head; next++) {
      operations.push(await readOperation(files, this.#connections.lineagePath(location), next));
    }
    return operations;
  }

  async indexes(location: DatasetLocation, version?: number): Promise<readonly IndexState[]> {
    const table = await this.#connections.openTable(tableAddressOf(location.directory), location.nativeBranch, version);
    return translateNativeErrors({ action: "inspect the indexes of a dataset" }, () => indexStates(table));
  }

  async prune(location: DatasetLocation, beforeMs: number): Promise<PruneResult> {
    const table = await this.#open(location);
    try {
      return await translateNativeErrors({ action: "remove old versions of a dataset", effects: "possible" }, async () => {
        const { prune } = await table.optimize({ cleanupOlderThan: new Date(beforeMs), deleteUnverified: false });
        return { versionCount: prune.oldVersionsRemoved, byteCount: prune.bytesRemoved, headVersion: await table.version() };
      });
    } finally {
      // Handles pinned to removed versions would go on reading from native caches.
      this.#gateway.forget(location);
    }
  }

  async removeResidue(directory: string, beforeMs: number): Promise<number> {
    const files = await this.#connections.files();
    let byteCount = 0;
    for (const file of await files.find(this.#datasetPath(directory), (name) => RESIDUE_NAME.test(name))) {
      if (file.changedAtMs >= beforeMs) continue;
      await files.delete(file.uri);
      byteCount += file.byteCount;
    }
    return byteCount;
  }

  /** A version file full of zeros reads as version 0. */
  async #wholeHead(location: DatasetLocation): Promise<number> {
    let failure = new Error("the newest version of a dataset has no content");
    try {
      const head = await this.#gateway.headVersion(location);
      if (head > 0 || !this.#connections.isLocal) return head;
    } catch (error) {
      if (isStorageError(error, "NotFound")) throw error;
      failure = error as Error;
    }
    const aside = this.#connections.isLocal ? await setTornVersionsAside(this.#connections.lineagePath(location)) : [];
    if (aside.length === 0) throw classifyNativeError(failure, { action: "read the newest version of a dataset" });
    this.#gateway.forget(location);
    return this.#gateway.headVersion(location);
  }

  #datasetPath(directory: string): string {
    return this.#connections.lineagePath({ directory, nativeBranch: null });
  }

  /** A fresh handle at the newest version. */
  #open(location: DatasetLocation): Promise<Table> {
    return this.#connections.openTable(tableAddressOf(location.directory), location.nativeBranch);
  }

  async #hasBranchRecord({ directory, nativeBranch }: DatasetLocation): Promise<boolean> {
    const files = await this.#connections.files();
    return (await files.read(`${this.#datasetPath(directory)}/_refs/branches/${nativeBranch}.json`)) !== undefined;
  }

  async #deleteBranch(location: DatasetLocation, name: string): Promise<void> {
    if (!(await this.exists(location)) || !(await this.#hasBranchRecord(location))) return;
    const table = await this.#open({ directory: location.directory, nativeBranch: null });
    try {
      await translateNativeErrors({ action: "remove a fork", effects: "possible" }, async () => (await table.branches()).delete(name));
    } catch (error) {
      if (isStorageError(error, "NotFound")) return;
      if (isStorageError(error, "Precondition")) throw new ForkInUseError(name, { cause: error });
      throw error;
    }
  }
}

async function readOperation(files: DatasetFiles, lineagePath: string, version: number): Promise<string | undefined> {
  try {
    const bytes = await files.read(`${lineagePath}/_versions/${versionFileName(version)}`);
    if (bytes === undefined) return undefined;
    const { operation, transactionFile } = decodeVersionFile(bytes);
    if (operation !== undefined || transactionFile === undefined) return operation;
    const transaction = await files.read(`${lineagePath}/_transactions/${transactionFile}`);
    return transaction === undefined ? undefined : decodeOperation(transaction);
  } catch (error) {
    if (error instanceof MalformedRecordError || error instanceof StorageError) return undefined;
    throw error;
  }
}

/** Names of native branches read anew before a listing gives up: each time another process deleted one meanwhile. */
const LIST_ATTEMPTS_MAX = 8;

/** The native listing fails when a branch that it saw is deleted before its file is read. */
async function nativeBranchesOf(table: Table): Promise<Awaited<ReturnType<Awaited<ReturnType<Table["branches"]>>["list"]>>> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await translateNativeErrors({ action: "list the forks of a dataset" }, async () => (await table.branches()).list());
    } catch (error) {
      if (!isStorageError(error, "NotFound") || attempt === LIST_ATTEMPTS_MAX) throw error;
    }
  }
}
