import { mkdir, readdir, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Plugin } from "vite";

/** Packages with native code or classes of their own: always loaded from `node_modules`, never bundled. */
const EXTERNAL = ["@lancedb/lancedb", "apache-arrow", "@aws-sdk/client-s3"];

/** Sources that load a module lazily resolve it from where they stand, not from where the bundle is. */
const keepModuleUrls: Plugin = {
  name: "keep-module-urls",
  transform(code, id) {
    if (!code.includes("createRequire(import.meta.url)")) return null;
    return { code: code.replaceAll("import.meta.url", JSON.stringify(pathToFileURL(id).href)), map: null };
  },
};

/**
 * Bundles a TypeScript script, with the sources of the workspace, into one JavaScript file that a process of its own can
 * run without a build. `packageDirectory` is the package whose dependencies the script needs; the bundle goes to its
 * ignored `node_modules` folder.
 *
 * @returns the path of the bundle
 */
export async function bundleScript(entry: string, packageDirectory: string): Promise<string> {
  const name = basename(entry).replace(/\.ts$/, "");
  // One folder per test process: suites run side by side. A worker is ended without notice, so its successors clean up.
  const bundles = join(packageDirectory, "node_modules/.test-scripts");
  await removeLeftovers(bundles);
  const outDir = join(bundles, `${name}-${process.pid}`);
  await mkdir(outDir, { recursive: true });
  await build({
    configFile: false,
    logLevel: "error",
    plugins: [keepModuleUrls],
    root: packageDirectory,
    resolve: { conditions: ["@omnigraphdb/source", "node", "import", "default"] },
    ssr: { noExternal: true, external: EXTERNAL, resolve: { conditions: ["@omnigraphdb/source", "node", "import", "default"] } },
    build: {
      ssr: entry,
      outDir,
      target: "node20",
      minify: false,
      emptyOutDir: false,
      rollupOptions: { output: { entryFileNames: `${name}.mjs`, inlineDynamicImports: true } },
    },
  });
  return join(outDir, `${name}.mjs`);
}

async function removeLeftovers(bundles: string): Promise<void> {
  const folders = await readdir(bundles).catch(() => []);
  const leftovers = folders.filter((folder) => !isRunning(Number(/-(\d+)$/.exec(folder)?.[1])));
  await Promise.all(leftovers.map((folder) => rm(join(bundles, folder), { recursive: true, force: true })));
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
