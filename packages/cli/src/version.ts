import { createRequire } from "node:module";

const manifest = createRequire(import.meta.url)("../package.json") as { readonly version: string };

/** Version of the program, shared by all its packages. */
export const VERSION: string = manifest.version;
