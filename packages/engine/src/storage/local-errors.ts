import { StorageError, type StorageErrorKind } from "./errors.js";

export function errnoOf(error: unknown): string {
  return (error as NodeJS.ErrnoException | undefined)?.code ?? "";
}

const KIND_OF_ERRNO: Readonly<Record<string, StorageErrorKind>> = {
  ENOENT: "NotFound",
  // Only objects exist: a directory at the address, or an object where a directory is needed, is "no object" (ST-1).
  EISDIR: "NotFound",
  ENOTDIR: "NotFound",
  EACCES: "Permanent",
  EPERM: "Permanent",
  EROFS: "Permanent",
  ENOSPC: "Permanent",
  EDQUOT: "Permanent",
  ENAMETOOLONG: "Configuration",
  EMFILE: "Transient",
  ENFILE: "Transient",
  EAGAIN: "Transient",
  EBUSY: "Transient",
  EIO: "Transient",
};

/** What a failed call of the file system means. Errors of ours pass through. */
export function storageErrorOf(error: unknown, action: string, uri: string): StorageError {
  if (error instanceof StorageError) return error;
  const errno = errnoOf(error);
  return new StorageError(KIND_OF_ERRNO[errno] ?? "Unknown", `cannot ${action} ${uri}: ${errno === "" ? "unexpected failure" : errno}`, {
    cause: error,
  });
}
