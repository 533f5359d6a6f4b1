import { DATASET_FRAGMENTS_MAX } from "../limits.js";
import type { CommitRecord } from "../manifest/manifest.js";

/**
 * Whether `optimize` would make reads and writes cheaper, as far as the pins alone tell. Writes compact in passing, so this is only so
 * on datasets that keep many versions: there a compaction is dear, and writes put it off (ADR 0003).
 */
export function needsOptimize({ pins }: CommitRecord): boolean {
  return [...pins.values()].some(({ fragmentCount }) => fragmentCount >= DATASET_FRAGMENTS_MAX);
}
