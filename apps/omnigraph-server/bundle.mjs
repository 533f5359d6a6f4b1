import { build } from "esbuild";
// @boundaries-ignore a build script of the workspace
import { bundleApp } from "../../scripts/bundle-app.mjs";

await bundleApp(import.meta.dirname, build);
