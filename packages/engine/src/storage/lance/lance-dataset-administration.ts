import type { DatasetAdministration, DatasetLocation } from "../dataset-gateway.js";
import type { DatasetSchema } from "../dataset-schema.js";
import { isStorageError } from "../errors.js";
import { lance } from "./arrow.js";
import { translateNativeErrors } from "./classify-error.js";
import { arrowSchemaOf } from "./column-codec.js";
import { type LanceConnections, tableAddressOf } from "./lance-connection.js";
import type { LanceDatasetGateway } from "./lance-dataset-gateway.js";

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
      this.#gateway.forget(location);
    }
  }
}
