import { createRequire } from "node:module";
import type * as Arrow from "apache-arrow";
import type * as Lance from "@lancedb/lancedb";

// The binding requires the CommonJS build of Arrow; its class checks fail on objects of the ESM build (lancedb.md §1).
const require = createRequire(import.meta.url);

let loadedArrow: typeof Arrow | undefined;
let loadedLance: typeof Lance | undefined;

/** Arrow, in the one build the binding uses. Loaded on first use. */
export function arrow(): typeof Arrow {
  loadedArrow ??= require("apache-arrow") as typeof Arrow;
  return loadedArrow;
}

/** The binding. Loading it takes some 80 ms, so it happens when a graph is first touched. */
export function lance(): typeof Lance {
  loadedLance ??= require("@lancedb/lancedb") as typeof Lance;
  return loadedLance;
}
