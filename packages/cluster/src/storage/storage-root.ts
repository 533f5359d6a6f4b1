import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isOmniError } from "@omnigraphdb/common";
import { normalizeUri } from "@omnigraphdb/engine";
import { parseDocument } from "yaml";
import { StorageRootError } from "../cluster-problem.js";

const CLUSTER_FILE = "cluster.yaml";

/**
 * The storage root that a `--cluster` value leads to (server.md §3): itself when it is an address, else what the `storage:` key in the
 * directory's `cluster.yaml` says, else the directory. Nothing else of that file is read.
 *
 * @returns a normalised local path, `file://…` or `s3://…` address
 * @throws StorageRootError
 */
export async function resolveStorageRoot(cluster: string): Promise<string> {
  const given = cluster.trim();
  if (given === "") throw new StorageRootError("invalid_storage_root", "the address of the cluster is empty", USE);
  if (given.includes("://")) return rootOf(given);
  const directory = resolve(given);
  const stats = await stat(directory).catch((cause: unknown) => {
    throw new StorageRootError("config_dir_not_found", `there is no directory ${directory}`, USE, cause);
  });
  if (!stats.isDirectory()) throw new StorageRootError("config_dir_not_found", `${directory} is not a directory`, USE);
  const storage = await readStorageKey(join(directory, CLUSTER_FILE));
  if (storage === undefined) return directory;
  return storage.includes("://") ? rootOf(storage) : resolve(directory, storage);
}

const USE = "Name a configuration directory, or a storage root such as s3://bucket/prefix or file:///srv/og.";

async function readStorageKey(file: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new StorageRootError("cluster_config_read_error", `${file} cannot be read`, "Check its permissions.", error);
  }
  const document = parseDocument(text, { logLevel: "silent" });
  const [problem] = document.errors;
  if (problem !== undefined) throw new StorageRootError("invalid_cluster_yaml", `${file}: ${problem.message.split("\n", 1)[0] ?? ""}`, "Correct the file.");
  const storage: unknown = document.get("storage");
  if (storage === undefined || storage === null) return undefined;
  if (typeof storage !== "string" || storage.trim() === "") {
    throw new StorageRootError("invalid_storage_root", `${file}: 'storage' is not an address`, "Give a path, file://… or s3://bucket/prefix, or leave it out.");
  }
  return storage.trim();
}

function rootOf(address: string): string {
  try {
    return normalizeUri(address);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    throw new StorageRootError("invalid_storage_root", error.message, USE, error);
  }
}
