import { readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { isOmniError, yamlProblem } from "@omnigraphdb/common";
import { normalizeUri } from "@omnigraphdb/engine";
import { parseDocument } from "yaml";
import { StorageRootError } from "../cluster-problem.js";

export const CLUSTER_FILE = "cluster.yaml";

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
  if (given.includes("://")) return rootOrThrow(storageRootOf(given, "."));
  const directory = resolve(given);
  const stats = await stat(directory).catch((cause: unknown) => {
    throw new StorageRootError("config_dir_not_found", `there is no directory ${directory}`, USE, cause);
  });
  if (!stats.isDirectory()) throw new StorageRootError("config_dir_not_found", `${directory} is not a directory`, USE);
  return rootOrThrow(await readStorageKey(directory));
}

const USE = "Name a configuration directory, or a storage root such as s3://bucket/prefix or file:///srv/og.";
const GIVE = "Give a path, file:///path or s3://bucket/prefix, or leave the key out.";

/** Where the cluster keeps what it stores, or why the value says nothing of the kind. */
export type StorageRoot = { readonly root: string } | { readonly code: "invalid_storage_root" | "storage_root_invalid"; readonly problem: string };

/**
 * What a value of `storage:` means (cluster.md §2.5). Absent, it is the configuration directory; a relative path is relative to it.
 *
 * @param configDirectory absolute
 */
export function storageRootOf(storage: string | undefined, configDirectory: string): StorageRoot {
  if (storage === undefined) return { root: configDirectory };
  const given = storage.trim();
  if (given === "") return { code: "invalid_storage_root", problem: `it is blank. ${GIVE}` };
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):\/\//.exec(given)?.[1];
  if (scheme !== undefined && scheme !== "s3" && scheme !== "file") return { code: "storage_root_invalid", problem: `nothing is stored at ${scheme}:// addresses. ${GIVE}` };
  try {
    return { root: normalizeUri(scheme === undefined ? resolve(configDirectory, given) : given) };
  } catch (error) {
    if (!isOmniError(error)) throw error;
    return { code: "invalid_storage_root", problem: `${error.message}. ${GIVE}` };
  }
}

async function readStorageKey(directory: string): Promise<StorageRoot> {
  const file = join(directory, CLUSTER_FILE);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return { root: directory };
    throw new StorageRootError("cluster_config_read_error", `${file} cannot be read`, "Check its permissions.", error);
  }
  const document = parseDocument(text, { prettyErrors: false, logLevel: "silent" });
  const [problem] = document.errors;
  if (problem !== undefined) throw new StorageRootError("invalid_cluster_yaml", `${file}: ${yamlProblem(problem)}`, "Correct the file.");
  const storage: unknown = document.has("storage") ? (document.get("storage") ?? "") : undefined;
  if (storage !== undefined && typeof storage !== "string") return { code: "invalid_storage_root", problem: `'storage' of ${file} is no text. ${GIVE}` };
  return storageRootOf(storage, directory);
}

function rootOrThrow(found: StorageRoot): string {
  if ("root" in found) return found.root;
  throw new StorageRootError(found.code, found.problem, USE);
}
