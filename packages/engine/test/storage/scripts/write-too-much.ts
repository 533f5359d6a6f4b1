import { StorageError } from "../../../src/storage/errors.js";
import { LocalObjectStore } from "../../../src/storage/local-object-store.js";

/** Writes `address` with more than the limits of the process allow, and prints whether that was reported. */
const [address] = process.argv.slice(2) as [string];
try {
  await new LocalObjectStore().writeText(address, "x".repeat(1_000_000));
} catch (error) {
  process.stdout.write(error instanceof StorageError ? "refused" : String(error));
}
