import { build } from "esbuild";
import { bundleApp } from "../../scripts/bundle-app.mjs";

await bundleApp(import.meta.dirname, build);
