import { compactJson, type Json } from "@omnigraphdb/common";
import { contentDigest } from "../digests.js";
import type { ClusterFile, DeclaredGraph, DeclaredPolicy, DeclaredProvider } from "./cluster-file.js";
import type { DesiredResource } from "./desired-state.js";

/**
 * One value for everything that is declared (cluster.md §3.4): the configuration as it is written, in a form of its own, and the digest of
 * every resource. It does not depend on comments, on the order of keys, on white space, on defaults that are spelled out, or on where the
 * configuration directory lies.
 *
 * @param resources ascending by address
 */
export function configDigest(file: ClusterFile, resources: ReadonlyMap<string, DesiredResource>): string {
  const { version, name, storage, isLockEnabled } = file.header;
  const form: Json = {
    version: version?.value ?? null,
    name: name?.value.trim() ?? null,
    storage: storage?.value.trim().replace(/\/+$/, "") ?? null,
    lock: isLockEnabled,
    graphs: byId(file.graphs, graphForm),
    policies: byId(file.policies, policyForm),
    providers: byId(file.providers, providerForm),
    resources: [...resources.values()].map(({ address, digest, appliesTo }) => [address, digest, [...(appliesTo ?? [])]]),
  };
  return contentDigest(`cluster-config\0${compactJson(form)}`);
}

function byId<T extends { readonly id: string }>(resources: readonly T[], form: (resource: T) => Json): Json {
  return [...resources].sort((a, b) => (a.id < b.id ? -1 : 1)).map((resource) => [resource.id, form(resource)]);
}

function graphForm({ schema, queries, embeddingProvider, blobBases }: DeclaredGraph): Json {
  const sources = queries.form === "explicit" ? queries.queries.map(({ name, file }) => `${name.value}\0${file.value}`) : queries.sources.map(({ value }) => value);
  return {
    schema: schema?.value ?? null,
    queries: [queries.form, ...sources.sort()],
    provider: embeddingProvider === undefined ? null : providerAddress(embeddingProvider.value),
    blob_bases: blobBases.map(({ base, scope }) => `${base.value}\0${scope.value}`).sort(),
  };
}

/** Targets are among the resources, in normal form. */
function policyForm({ file }: DeclaredPolicy): Json {
  return { file: file?.value ?? null };
}

/** Profiles are among the resources, by their digest. */
function providerForm({ id }: DeclaredProvider): Json {
  return id;
}

/** A bare name is short for the address (cluster.md §2.2). */
export function providerAddress(reference: string): string {
  return reference.includes(".") ? reference : `provider.embedding.${reference}`;
}
