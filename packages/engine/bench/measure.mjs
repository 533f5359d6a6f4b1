import { createHash } from "node:crypto";
import { readdirSync, statSync } from "node:fs";
import path from "node:path";

const rounded = (value) => Math.round(value * 1_000) / 1_000;

/** Milliseconds of many runs, summed up. */
export function summarise(milliseconds) {
  const sorted = Float64Array.from(milliseconds).sort();
  const quantile = (q) => rounded(sorted[Math.min(sorted.length - 1, Math.ceil(q * sorted.length) - 1)]);
  return { ops: sorted.length, median_ms: quantile(0.5), p95_ms: quantile(0.95), max_ms: quantile(1) };
}

/** Highest resident set of this process so far. */
export function peakRssMiB() {
  return Math.round(process.resourceUsage().maxRSS / 1024);
}

/** Short digest of a value's JSON, to compare the answers of two subjects. */
export function fingerprint(value) {
  return createHash("sha256").update(JSON.stringify(value)).digest("hex").slice(0, 12);
}

export function diskBytes(folder) {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (entry.isFile()) bytes += statSync(path.join(entry.parentPath, entry.name)).size;
  }
  return bytes;
}

export function diskMiB(folder) {
  return Math.round(diskBytes(folder) / 1_048_576);
}
