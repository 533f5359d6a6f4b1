import type { DatasetPin } from "../manifest/manifest.js";
import type { SidecarStore } from "../recovery/sidecar-store.js";
import type { Sidecar } from "../recovery/sidecar.js";
import type { DatasetGateway } from "../storage/dataset-gateway.js";
import { DatasetBehindManifestError, DatasetDriftError, type DriftFacts } from "./errors.js";

const REPAIR = { message: "no interrupted write explains it: run `omnigraph repair` before writing", hint: "Run `omnigraph repair`." };
const REOPEN = {
  message: "a pending recovery sidecar requires rollback: reopen the graph read-write",
  hint: "Reopen the graph read-write; recovery then undoes the interrupted write.",
};

/**
 * Refuses a write to datasets whose newest native version is not the published one: it would adopt rows that nobody
 * published (OCC-20). Runs under the gates of all `pins`.
 */
export async function checkDrift(datasets: DatasetGateway, sidecars: SidecarStore, pins: readonly DatasetPin[]): Promise<void> {
  const headVersions = await Promise.all(pins.map((pin) => datasets.headVersion(pin.location)));
  for (const [index, pin] of pins.entries()) {
    const facts = { typeKey: pin.typeKey, headVersion: headVersions[index] as number, publishedVersion: pin.publishedVersion };
    if (facts.headVersion < facts.publishedVersion) throw new DatasetBehindManifestError(facts);
    if (facts.headVersion > facts.publishedVersion) throw await explainDrift(sidecars, pin, facts);
  }
}

async function explainDrift(sidecars: SidecarStore, pin: DatasetPin, facts: DriftFacts): Promise<DatasetDriftError> {
  let isCovered: boolean;
  try {
    isCovered = await isCoveredBySidecar(sidecars, pin);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : "the listing failed";
    const advice = {
      message: `the drift could not be classified (${why}): run \`omnigraph repair\`, or reopen the graph read-write if repair reports a pending sidecar`,
      hint: "Run `omnigraph repair`; if it reports a pending sidecar, reopen the graph read-write.",
    };
    return new DatasetDriftError(facts, advice, { cause });
  }
  return new DatasetDriftError(facts, isCovered ? REOPEN : REPAIR);
}

async function isCoveredBySidecar(sidecars: SidecarStore, pin: DatasetPin): Promise<boolean> {
  for await (const sidecar of sidecars.readAll()) if (covers(sidecar, pin)) return true;
  return false;
}

/** Same dataset and same native branch: an operation on another branch never explains this drift. */
function covers(sidecar: Sidecar, { location }: DatasetPin): boolean {
  return sidecar.pins.some((item) => item.directory === location.directory && item.nativeBranch === location.nativeBranch);
}
