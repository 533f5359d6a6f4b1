/** Digests of resources (cluster.md §3.3): SHA-256 in lower-case hexadecimal. */
import { createHash } from "node:crypto";
import { compactJson, type Json } from "@omnigraphdb/common";
import type { EmbeddingProfile, ExternalBlobPolicy } from "./ledger/ledger.js";

/** Of a schema, query or policy: the bytes of the file, which its text in UTF-8 is. */
export function contentDigest(text: string): string {
  return createHash("sha256").update(text, "utf8").digest("hex");
}

export function embeddingProfileDigest({ kind, base_url, model, api_key }: EmbeddingProfile): string {
  return contentDigest(`embedding-provider\0${compactJson(withoutAbsent({ kind, base_url, model, api_key }))}`);
}

export interface GraphCompositeParts {
  readonly graphId: string;
  /** Undefined: unknown. */
  readonly schemaDigest: string | undefined;
  readonly queryDigests: ReadonlyMap<string, string>;
  readonly provider?: { readonly address: string; readonly digest: string };
  /** Undefined: the default, which admits nothing. */
  readonly externalBlobPolicy?: ExternalBlobPolicy;
}

/** Changes whenever anything under the graph does. */
export function graphCompositeDigest({ graphId, schemaDigest, queryDigests, provider, externalBlobPolicy }: GraphCompositeParts): string {
  const queries = [...queryDigests].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, digest]) => `query\0${name}\0${digest}\0`);
  return contentDigest(
    [
      `graph\0${graphId}\0schema\0${schemaDigest ?? ""}\0`,
      ...queries,
      provider === undefined ? "" : `embedding_provider\0${provider.address}\0${provider.digest}\0`,
      externalBlobPolicy === undefined ? "" : `external_blob_policy\0${compactJson(externalBlobPolicyJson(externalBlobPolicy))}\0`,
    ].join(""),
  );
}

/** Members in the order that digests are made of. */
export function externalBlobPolicyJson({ mode, bases }: ExternalBlobPolicy): Json {
  return { mode, bases: bases.map(({ uri, scope }) => ({ uri, scope })) };
}

function withoutAbsent(members: Readonly<Record<string, string | undefined>>): Json {
  return Object.fromEntries(Object.entries(members).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
