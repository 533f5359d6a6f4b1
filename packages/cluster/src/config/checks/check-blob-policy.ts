import { statSync } from "node:fs";
import { posix } from "node:path";
import { fileURLToPath } from "node:url";
import { diagnostic, type Diagnostics } from "../../diagnostics/cluster-diagnostic.js";
import type { ExternalBlobPolicy } from "../../ledger/ledger.js";
import type { DeclaredBlobBase, DeclaredGraph } from "../cluster-file.js";
import { shown } from "../config-document.js";
import { fileSystemProblem } from "../text-file.js";

type Scope = ExternalBlobPolicy["bases"][number]["scope"];

const SCOPES: readonly Scope[] = ["server_safe", "embedded_only"];
/** What each kind of address may be open to. A server must not be led to its own files, nor over a connection that anybody can read. */
const SCOPES_OF_SCHEME: ReadonlyMap<string, readonly Scope[]> = new Map([
  ["s3:", SCOPES],
  ["https:", SCOPES],
  ["http:", ["embedded_only"]],
  ["file:", ["embedded_only"]],
]);

/**
 * Checks where new external blobs of a graph may lie (cluster.md §2.9).
 *
 * @returns bases by address; undefined for the default, which admits nothing; complete unless an error was added
 */
export function checkBlobPolicy({ blobBases }: DeclaredGraph, diagnostics: Diagnostics): ExternalBlobPolicy | undefined {
  const bases: { readonly declared: DeclaredBlobBase; readonly uri: string; readonly scope: Scope }[] = [];
  for (const declared of blobBases) {
    const { base, scope } = declared;
    const known = SCOPES.find((candidate) => candidate === scope.value);
    if (known === undefined) diagnostics.add(diagnostic("invalid_external_blob_base", scope.path, `unknown scope '${shown(scope.value)}'; scopes are ${SCOPES.join(" and ")}`, { place: scope.place }));
    const problem = problemOfBase(base.value, known) ?? problemOfFolder(base.value);
    if (problem !== undefined) diagnostics.add(diagnostic("invalid_external_blob_base", base.path, problem, { place: base.place }));
    else if (known !== undefined) bases.push({ declared, uri: base.value, scope: known });
  }
  // By address: the first base that lies there, or below.
  const firstWithin = new Map<string, (typeof bases)[number]>();
  const firstAt = new Map<string, (typeof bases)[number]>();
  for (const each of bases) {
    const { declared: { base }, uri } = each;
    const path = ancestors(uri);
    const other = firstWithin.get(uri) ?? path.map((ancestor) => firstAt.get(ancestor)).find((found) => found !== undefined);
    for (const address of [uri, ...path]) if (!firstWithin.has(address)) firstWithin.set(address, each);
    if (!firstAt.has(uri)) firstAt.set(uri, each);
    if (other === undefined) continue;
    const line = other.declared.base.place.line;
    diagnostics.add(diagnostic("invalid_external_blob_policy", base.path, `base '${shown(uri)}' overlaps '${shown(other.uri)}' on line ${line}; keep the one that is meant`, { place: base.place }));
  }
  if (blobBases.length === 0) return undefined;
  return { mode: "allow", bases: bases.map(({ uri, scope }) => ({ uri, scope })).sort((a, b) => (a.uri < b.uri ? -1 : 1)) };
}

function problemOfBase(text: string, scope: Scope | undefined): string | undefined {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !text.includes("://")) return "a base must be an absolute address, such as s3://bucket/prefix or file:///srv/media";
  // What follows may be a secret and is not shown.
  if (url.username !== "" || url.password !== "") return "a base must not contain credentials; remove them";
  if (/[?#]/.test(text)) return "a base must have no query and no fragment; remove them";
  const scopes = SCOPES_OF_SCHEME.get(url.protocol);
  if (scopes === undefined) return `blobs cannot lie at ${url.protocol}// addresses; bases are s3://, https://, http:// and file:// ones`;
  if (url.protocol === "file:" ? url.host !== "" : url.host === "") return url.protocol === "file:" ? "a file:// base must not name a host; write file:///path" : "a base must name a bucket or a host";
  if (scope !== undefined && !scopes.includes(scope)) return `${url.protocol}// bases may be ${scopes.join(" and ")} only`;
  const normal = normalForm(text, url);
  return normal === text ? undefined : `a base must be in normal form, without '.', '..', doubled or trailing slashes, in lower case where case has no meaning; write '${shown(normal)}'`;
}

/** Scheme and host in lower case, no default port, the path without dots, without doubled slashes and without one at its end. */
function normalForm(text: string, url: URL): string {
  const authority = url.protocol === "file:" ? "" : url.protocol === "s3:" ? (/^[^:]+:\/\/([^/]*)/.exec(text)?.[1] ?? "") : url.host;
  const path = posix.normalize(`/${decoded(url.pathname)}`).replace(/\/+$/, "");
  return `${url.protocol}//${authority}${path.split("/").map(encodeSegment).join("/")}`;
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** Only what an address cannot hold is written as %xx. */
function encodeSegment(segment: string): string {
  return encodeURI(segment).replaceAll("?", "%3F").replaceAll("#", "%23");
}

/** What lies above an address, by whole components of the path, the nearest first. */
function ancestors(uri: string): readonly string[] {
  const found: string[] = [];
  const end = uri.indexOf("://") + "://".length;
  for (let cut = uri.lastIndexOf("/"); cut >= end; cut = uri.lastIndexOf("/", cut - 1)) found.push(uri.slice(0, cut));
  return found;
}

function problemOfFolder(base: string): string | undefined {
  if (!base.startsWith("file:")) return undefined;
  try {
    return statSync(fileURLToPath(base)).isDirectory() ? undefined : "a file:// base must be a folder";
  } catch (error) {
    return `the folder ${fileSystemProblem(error)}; create it or correct the base`;
  }
}
