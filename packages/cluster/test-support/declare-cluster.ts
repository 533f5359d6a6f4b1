import { mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { EmbeddingProfile, ExternalBlobPolicy } from "../src/ledger/ledger.js";

export interface DeclaredGraph {
  readonly schema: string;
  /** Text of the file that declares it, by query name. */
  readonly queries?: Readonly<Record<string, string>>;
  /** Name of a provider. */
  readonly embeddingProvider?: string;
  readonly externalBlobPolicy?: ExternalBlobPolicy;
}

export interface DeclaredCluster {
  readonly graphs: Readonly<Record<string, DeclaredGraph>>;
  /** `appliesTo`: `cluster`, or `graph.<id>`. */
  readonly policies?: Readonly<Record<string, { readonly text: string; readonly appliesTo: readonly string[] }>>;
  readonly providers?: Readonly<Record<string, EmbeddingProfile>>;
}

/** Writes a configuration directory that declares exactly this, over whatever it declared before. @param storage the storage root */
export async function declareCluster(configDirectory: string, { graphs, policies = {}, providers = {} }: DeclaredCluster, storage: string): Promise<void> {
  const files = new Map<string, string>();
  const document = {
    version: 1,
    storage,
    providers: { embedding: providers },
    graphs: mapValues(graphs, (graph, id) => {
      files.set(`${id}/schema.pg`, graph.schema);
      for (const [name, text] of Object.entries(graph.queries ?? {})) files.set(`${id}/${name}.gq`, text);
      return {
        schema: `${id}/schema.pg`,
        queries: mapValues(graph.queries ?? {}, (_, name) => ({ file: `${id}/${name}.gq` })),
        ...(graph.embeddingProvider === undefined ? {} : { embedding_provider: graph.embeddingProvider }),
        ...(graph.externalBlobPolicy === undefined ? {} : { external_blobs: { allow: graph.externalBlobPolicy.bases.map(({ uri, scope }) => ({ base: uri, scope })) } }),
      };
    }),
    policies: mapValues(policies, ({ text, appliesTo }, name) => {
      files.set(`policies/${name}.yaml`, text);
      return { file: `policies/${name}.yaml`, applies_to: appliesTo };
    }),
  };
  // JSON is YAML.
  files.set("cluster.yaml", `${JSON.stringify(document, null, 2)}\n`);
  await rm(configDirectory, { recursive: true, force: true });
  for (const [path, text] of files) {
    await mkdir(dirname(join(configDirectory, path)), { recursive: true });
    await writeFile(join(configDirectory, path), text);
  }
}

function mapValues<T, U>(values: Readonly<Record<string, T>>, map: (value: T, name: string) => U): Readonly<Record<string, U>> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]));
}
