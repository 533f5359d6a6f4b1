import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { contentDigest, embeddingProfileDigest, graphCompositeDigest } from "./digests.js";

const sha256 = (text: string): string => createHash("sha256").update(text, "utf8").digest("hex");

test("cluster.md 3.3: a schema, query or policy is hashed byte for byte", () => {
  expect(contentDigest("node A {}\n")).toBe(sha256("node A {}\n"));
});

test("cluster.md 3.3: a provider is hashed by its members in order, absent ones left out", () => {
  expect(embeddingProfileDigest({ api_key: "${K}", kind: "gemini" })).toBe(sha256('embedding-provider\0{"kind":"gemini","api_key":"${K}"}'));
});

test("cluster.md 3.3: the composite of a graph covers schema, queries by name, provider and blob rules", () => {
  const digest = graphCompositeDigest({
    graphId: "crm",
    schemaDigest: "s",
    queryDigests: new Map([["b", "2"], ["a", "1"]]),
    provider: { address: "provider.embedding.main", digest: "p" },
    externalBlobPolicy: { mode: "allow", bases: [{ uri: "s3://x/y", scope: "server_safe" }] },
  });
  expect(digest).toBe(
    sha256(
      'graph\0crm\0schema\0s\0query\0a\x001\0query\0b\x002\0embedding_provider\0provider.embedding.main\0p\0external_blob_policy\0{"mode":"allow","bases":[{"uri":"s3://x/y","scope":"server_safe"}]}\0',
    ),
  );
});

test("cluster.md 3.3: a graph alone, its schema unknown", () => {
  expect(graphCompositeDigest({ graphId: "crm", schemaDigest: undefined, queryDigests: new Map() })).toBe(sha256("graph\0crm\0schema\0\0"));
});
