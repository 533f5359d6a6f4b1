// Writes the dist/ of an executable: the program with all its JavaScript in a handful of files. Unbundled, one process start resolves and
// compiles some 550 modules, which costs more than a point query (docs/decisions/0005-the-executable-is-a-bundle.md).
import { readFile, readdir, rm } from "node:fs/promises";
import path from "node:path";

/** CommonJS modules in the bundle call `require`; chunks are ES modules, which have none. */
const REQUIRE = `import { createRequire as createBundleRequire } from "node:module";
const require = createBundleRequire(import.meta.url);
const createBindingRequire = () => createBundleRequire(require.resolve("@lancedb/lancedb"));`;

/** Large or native, and needed by few processes; resolved from node_modules when they are. */
const EXTERNAL = ["@aws-sdk/client-s3", "@cedar-policy/cedar-wasm", "re2js", "openai", "@huggingface/transformers"];

/** Lets the bundler see modules that the sources load lazily through a `require` of their own. */
const lazyModules = {
  name: "lazy-modules",
  setup(bundler) {
    bundler.onLoad({ filter: /engine[\\/]src[\\/]storage[\\/]lance[\\/]arrow\.ts$/ }, async ({ path: file }) => ({
      contents: replaceOnce(await readFile(file, "utf8"), "const require = createRequire(import.meta.url);", ""),
      loader: "ts",
    }));
    // The binding's platform packages are reachable only from the binding itself.
    bundler.onLoad({ filter: /@lancedb[\\/]lancedb[\\/]dist[\\/]native\.js$/ }, async ({ path: file }) => ({
      contents: `const require = createBindingRequire();\n${await readFile(file, "utf8")}`,
      loader: "js",
    }));
  },
};

function replaceOnce(text, from, to) {
  if (text.split(from).length !== 2) throw new Error(`expected exactly one '${from}'`);
  return text.replace(from, to);
}

/** Bundles `src/bin.ts` of the executable in `directory`, with `build` of the esbuild it depends on. */
export async function bundleApp(directory, build) {
  const chunks = path.join(directory, "dist", "chunks");
  const { metafile } = await build({
    absWorkingDir: directory,
    entryPoints: ["src/bin.ts"],
    outdir: "dist",
    chunkNames: "chunks/[name]-[hash]",
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20.19",
    conditions: ["@omnigraphdb/source"],
    external: EXTERNAL,
    banner: { js: REQUIRE },
    legalComments: "linked",
    metafile: true,
    logLevel: "warning",
    plugins: [lazyModules],
  });
  // Chunks of earlier builds go last, so that a process that just started still finds its own.
  const written = new Set(Object.keys(metafile.outputs).map((file) => path.resolve(directory, file)));
  for (const name of await readdir(chunks)) {
    const file = path.join(chunks, name);
    if (!written.has(file)) await rm(file, { force: true });
  }
}
