import { type ErrorCategory, OmniError, type OmniErrorOptions } from "@omnigraphdb/common";

/** What a storage failure is, decided from typed evidence (ST-22). A kind alone never authorises a retry. */
export type StorageErrorKind = "Transient" | "Configuration" | "NotFound" | "Precondition" | "Permanent" | "Unknown";

const CATEGORY_OF_KIND: Readonly<Record<StorageErrorKind, ErrorCategory>> = {
  Transient: "unavailable",
  Configuration: "invalid",
  NotFound: "not_found",
  Precondition: "conflict",
  Permanent: "unavailable",
  Unknown: "unavailable",
};

const HINT_OF_KIND: Readonly<Record<StorageErrorKind, string>> = {
  Transient: "Check that the storage is reachable, then run the command again.",
  Configuration: "Correct the storage address or its settings.",
  NotFound: "Check the address; nothing is stored there.",
  Precondition: "Look at the current state of the storage; it is not what the operation requires.",
  Permanent: "Check permissions and free space of the storage.",
  Unknown: "Inspect the storage and the cause of this error before trying again.",
};

/** An object or dataset could not be read or written. */
export class StorageError extends OmniError {
  readonly code = "STORAGE";
  readonly kind: StorageErrorKind;

  constructor(kind: StorageErrorKind, message: string, options: OmniErrorOptions = {}) {
    super(message, { hint: HINT_OF_KIND[kind], ...options });
    this.kind = kind;
  }

  get category(): ErrorCategory {
    return CATEGORY_OF_KIND[this.kind];
  }

  override get retryable(): boolean {
    return false;
  }

  override get httpStatus(): number {
    return 500;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { storage_kind: this.kind };
  }
}

/** A native branch cannot be removed while another one was forked from it (SUB-8). */
export class ForkInUseError extends StorageError {
  constructor(nativeBranch: string, options: OmniErrorOptions = {}) {
    super("Precondition", `the fork ${nativeBranch} is in use: another fork descends from it`, {
      hint: "Remove the forks that descend from it first.",
      ...options,
    });
  }
}

export function isStorageError(error: unknown, kind: StorageErrorKind): error is StorageError {
  return error instanceof StorageError && error.kind === kind;
}

/** The dataset version a snapshot pins was removed by cleanup (SUB-13). */
export class HistoricalVersionReclaimedError extends OmniError {
  readonly code = "HISTORICAL_VERSION_RECLAIMED";
  readonly category: ErrorCategory = "gone";
  readonly publishedVersion: number;

  constructor(publishedVersion: number, options: OmniErrorOptions = {}) {
    super(`dataset version ${publishedVersion} was reclaimed by cleanup`, {
      hint: "Read a newer version. What cleanup removed is gone; the list of commits still names it.",
      ...options,
    });
    this.publishedVersion = publishedVersion;
  }

  override get httpStatus(): number {
    return 500;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { published_dataset_version: this.publishedVersion };
  }
}

/** A native write met a dataset version other than the planned one: another writer interleaved (WR-10). */
export class DatasetVersionMovedError extends OmniError {
  readonly code = "DATASET_VERSION_MOVED";
  readonly category: ErrorCategory = "conflict";
  readonly expectedVersion: number;
  readonly actualVersion: number;

  constructor(expectedVersion: number, actualVersion: number, options: OmniErrorOptions = {}) {
    super(`another writer changed a dataset: expected version ${expectedVersion}, found ${actualVersion}`, {
      hint: "Reopen the graph read-write so that recovery settles the dataset, then run the command again.",
      effects: "possible",
      ...options,
    });
    this.expectedVersion = expectedVersion;
    this.actualVersion = actualVersion;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { expected: this.expectedVersion, actual: this.actualVersion };
  }
}
