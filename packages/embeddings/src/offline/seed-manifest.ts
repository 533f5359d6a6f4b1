import { dirname, resolve } from "node:path";
import { type EmbedSpec, objectOf, readEmbedSpec } from "./embed-spec.js";
import { EmbedSpecError } from "./errors.js";

const DEFAULT_OUTPUT = "./build/seed.embedded.jsonl";

/** What a seed manifest says about embedding; paths are absolute. */
export interface SeedManifest {
  readonly input: string;
  readonly output: string;
  readonly spec: EmbedSpec;
}

/**
 * Reads a manifest (EM-30): `sources.raw_seed` or `seed.data`, `artifacts.embedded_seed`, `embeddings`. Its other members are not ours.
 *
 * @param path absolute; the manifest's paths are relative to its folder
 * @throws EmbedSpecError
 */
export async function parseSeedManifest(text: string, path: string): Promise<SeedManifest> {
  const manifest = objectOf(await parseYaml(text), "the manifest");
  const input = pathAt(manifest, "sources", "raw_seed") ?? pathAt(manifest, "seed", "data");
  if (input === undefined) throw new EmbedSpecError("the manifest names no records: it has neither sources.raw_seed nor seed.data", "Name the file of records as sources.raw_seed.");
  const folder = dirname(path);
  return {
    input: resolve(folder, input),
    output: resolve(folder, pathAt(manifest, "artifacts", "embedded_seed") ?? DEFAULT_OUTPUT),
    spec: readEmbedSpec(manifest["embeddings"], "embeddings"),
  };
}

/** Only manifests need the parser, and only `embed --seed` reads manifests. */
async function parseYaml(text: string): Promise<unknown> {
  // A bundle gives a CommonJS module its default export only.
  const { parse } = (await import("yaml")).default;
  try {
    // A document of aliases that grow exponentially is refused.
    return parse(text, { maxAliasCount: 100 });
  } catch (error) {
    throw new EmbedSpecError(`the manifest is not YAML: ${(error as Error).message.split("\n", 1)[0] ?? ""}`, "Check the indentation and quotes there.");
  }
}

function pathAt(manifest: Readonly<Record<string, unknown>>, section: string, name: string): string | undefined {
  if (manifest[section] === undefined || manifest[section] === null) return undefined;
  const value = objectOf(manifest[section], section)[name];
  if (value === undefined || value === null) return undefined;
  if (typeof value !== "string" || value === "") throw new EmbedSpecError(`${section}.${name} must be a path`, "Give the path of a file, relative to the manifest.");
  return value;
}
