import { ResourceLimitExceededError } from "../errors.js";
import { CHANGE_PAGE_BYTES_DEFAULT, CHANGE_PAGE_BYTES_MAX, CHANGES_PER_PAGE_DEFAULT, CHANGES_PER_PAGE_MAX } from "../limits.js";
import { changeByteCount } from "./change-json.js";
import type { EntityChange } from "./change.js";
import { InvalidChangeRequestError } from "./errors.js";

export interface PageSize {
  /** Changes per page; default 1,000, at most 8,192 (CH-27). */
  readonly limit?: number;
  /** Encoded bytes a page is packed to; default 4 MiB, at most 32 MiB. */
  readonly pageBytes?: number;
}

/** How much still fits on one page (CH-27). */
export class Page {
  readonly #limit: number;
  readonly #bytes: number;
  #count = 0;
  #byteCount = 0;

  /** @throws InvalidChangeRequestError, ResourceLimitExceededError */
  constructor({ limit = CHANGES_PER_PAGE_DEFAULT, pageBytes = CHANGE_PAGE_BYTES_DEFAULT }: PageSize) {
    this.#limit = checkSize("commit changes page changes", limit, CHANGES_PER_PAGE_MAX);
    this.#bytes = checkSize("commit changes page bytes", pageBytes, CHANGE_PAGE_BYTES_MAX);
  }

  /** Whether the change still goes on this page. The first one always does. */
  take(change: EntityChange): boolean {
    const byteCount = changeByteCount(change);
    if (this.#count > 0 && (this.#count >= this.#limit || this.#byteCount + byteCount > this.#bytes)) return false;
    this.#count++;
    this.#byteCount += byteCount;
    return true;
  }
}

/** @throws InvalidChangeRequestError for what is no size, ResourceLimitExceededError above the ceiling */
export function checkSize(resource: string, value: number, max: number): number {
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidChangeRequestError(`${resource}: ${value} is not a positive whole number`, `Ask for 1 to ${max}.`);
  if (value > max) throw new ResourceLimitExceededError(resource, max, value, `Ask for at most ${max}, and follow the page tokens.`);
  return value;
}
