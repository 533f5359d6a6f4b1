import { createRequire } from "node:module";
import type * as CedarWasm from "@cedar-policy/cedar-wasm/nodejs";

export type CedarModule = typeof CedarWasm;

const require = createRequire(import.meta.url);
let loaded: CedarModule | undefined;

/** Cedar, loaded with the first bundle that is compiled: it is four megabytes that most processes never need (4.6.7). */
export function cedarModule(): CedarModule {
  loaded ??= require("@cedar-policy/cedar-wasm/nodejs") as CedarModule;
  return loaded;
}
