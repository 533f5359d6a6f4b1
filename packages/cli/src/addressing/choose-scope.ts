import type { Capability, GlobalFlags } from "../command-definition.js";
import { UsageError } from "../errors.js";
import { isHttpUrl, trimmedBaseUrl } from "../operator/server-url.js";
import { GraphSelectionError, NoGraphAddressedError, UnsupportedAddressError } from "./errors.js";

/** What an address means before anything was asked of it. */
export type Scope =
  | { readonly kind: "store"; readonly uri: string; readonly legacyGraph: string | undefined }
  | {
      readonly kind: "server";
      readonly url: string;
      readonly graphId: string | undefined;
      /** Set for an address in a form of the baseline (§5.6), with the graph's name in the legacy file if it has one. */
      readonly legacy: { readonly graph: string | undefined } | undefined;
    }
  | { readonly kind: "cluster"; readonly root: string; readonly graphId: string | undefined };

/** A profile or the flat defaults (operator configuration §3). */
export type NamedScope =
  | { readonly kind: "store"; readonly uri: string }
  | { readonly kind: "server"; readonly url: string; readonly defaultGraph: string | undefined }
  | { readonly kind: "cluster"; readonly root: string; readonly defaultGraph: string | undefined };

/** What the layers of configuration know. Each is asked only when it decides. */
export interface ScopeLayers {
  /** @throws an error that lists the defined names */
  serverUrl(name: string): Promise<string>;
  /** The root of a configured cluster, else the value itself. */
  clusterRoot(nameOrRoot: string): Promise<string>;
  /** @throws an error that says where profiles are defined */
  profile(name: string): Promise<NamedScope>;
  defaults(): Promise<NamedScope | undefined>;
  /** @throws an error that lists the defined names */
  legacyGraph(name: string): Promise<{ readonly written: string; readonly resolved: string }>;
  /** `cli.graph` of the legacy file. */
  readonly legacyDefault: string | undefined;
  /** Whether a URL as positional argument is an error (§5.6.1). */
  readonly isStrict: boolean;
}

export interface Address {
  readonly command: string;
  readonly capability: Capability;
  /** Whether the command takes its address as argument. */
  readonly takesPositional: boolean;
  readonly positional: string | undefined;
  readonly flags: Pick<GlobalFlags, "server" | "cluster" | "graph" | "store" | "profile" | "uri" | "target">;
  /** Neither profiles nor defaults say where, as for a graph that is yet to be created. */
  readonly isExplicitOnly: boolean;
  /** `$OMNIGRAPH_PROFILE`, unless it is blank. */
  readonly ambientProfile: string | undefined;
}

export interface Chosen {
  readonly scope: Scope;
  /** One line for stderr, when the address is in a deprecated form. */
  readonly notice: string | undefined;
}

/** The scope of an invocation, by the first rule of §5.2 that matches; §5.3 and §5.5 are checked. */
export async function chooseScope(address: Address, layers: ScopeLayers): Promise<Chosen> {
  const chosen = await firstMatch(address, layers);
  if (chosen === undefined) throw new NoGraphAddressedError(address.command, address.capability, address.takesPositional);
  checkCapability(address, chosen.scope);
  if (chosen.scope.kind === "store" && address.flags.graph !== undefined) {
    throw new GraphSelectionError(`--graph ${address.flags.graph} has nothing to select: the store ${chosen.scope.uri} is one graph`, { hint: "Drop --graph, or address a server or a cluster." });
  }
  return chosen;
}

async function firstMatch(address: Address, layers: ScopeLayers): Promise<Chosen | undefined> {
  const { flags, ambientProfile, capability } = address;
  const explicit = await explicitScope(address, layers);
  if (explicit !== undefined || address.isExplicitOnly) return explicit;
  const profile = flags.profile ?? ambientProfile;
  if (profile !== undefined) return { scope: scopeOf(await layers.profile(profile), flags.graph), notice: undefined };
  const legacy = layers.legacyDefault;
  // Control commands select a graph of the legacy file themselves; for them it is no scope.
  if (legacy !== undefined && capability !== "control") return legacyNamed(address, legacy, layers, "cli.graph");
  const defaults = await layers.defaults();
  // A default answers "which graph?", which commands on clusters do not ask; and no store is a server.
  if (defaults === undefined || capability === "control" || (capability === "served" && defaults.kind === "store")) return undefined;
  return { scope: scopeOf(defaults, flags.graph), notice: undefined };
}

async function explicitScope(address: Address, layers: ScopeLayers): Promise<Chosen | undefined> {
  const { positional, flags } = address;
  const given: readonly (readonly [string, string | undefined])[] = [
    ["a positional URI", positional],
    ["--uri", flags.uri],
    ["--store", flags.store],
    ["--server", flags.server],
    ["--cluster", flags.cluster],
    ["--target", flags.target],
  ];
  const [first, ...others] = given.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  if (first === undefined) return undefined;
  if (others.length > 0) throw new UsageError(`${[first, ...others].map(({ name }) => name).join(" and ")} exclude each other`, "Address the graph in one way only.");
  const { name, value } = first;
  if (value.trim() === "") throw new UsageError(`${name === "a positional URI" ? "the graph address" : name} is blank`, name === "--server" ? "Give a name or a URL, such as https://graphs.example.net." : "Give a path, such as ./orders.omni.");
  switch (name) {
    case "--server":
      return { scope: { kind: "server", url: trimmedBaseUrl(value.includes("://") ? value : await layers.serverUrl(value)), graphId: flags.graph, legacy: undefined }, notice: undefined };
    case "--cluster":
      return { scope: { kind: "cluster", root: await layers.clusterRoot(value), graphId: flags.graph }, notice: undefined };
    case "--store":
      if (isHttpUrl(value)) throw new UnsupportedAddressError(`--store ${value} is no storage location`, { hint: `Address a server with --server ${value}.` });
      return { scope: { kind: "store", uri: value, legacyGraph: undefined }, notice: undefined };
    case "--target":
      return legacyNamed(address, value, layers, "--target");
    default:
      return plainUri(address, value, layers);
  }
}

/** A positional URI or `--uri`. */
function plainUri(address: Address, value: string, layers: ScopeLayers): Chosen {
  if (!isHttpUrl(value)) return { scope: { kind: "store", uri: value, legacyGraph: undefined }, notice: undefined };
  refuseServerForStorage(address, value);
  if (layers.isStrict) {
    throw new UnsupportedAddressError(`'${value}' is a server, and OMNIGRAPH_NO_LEGACY_CONFIG is set: a server is addressed with --server`, { hint: `Write --server ${value}.` });
  }
  return legacyServer(address, value, undefined, `a URL as graph address is deprecated; write '--server ${value}'`);
}

async function legacyNamed(address: Address, graph: string, layers: ScopeLayers, origin: "--target" | "cli.graph"): Promise<Chosen> {
  const { resolved: uri } = await layers.legacyGraph(graph);
  if (!isHttpUrl(uri)) return { scope: { kind: "store", uri, legacyGraph: graph }, notice: undefined };
  refuseServerForStorage(address, uri);
  return legacyServer(address, uri, graph, `'${origin}${origin === "--target" ? ` ${graph}` : ""}' for a server is deprecated; write '--server ${uri}'`);
}

function legacyServer({ flags }: Address, uri: string, graph: string | undefined, notice: string): Chosen {
  if (flags.graph !== undefined) throw new GraphSelectionError(`--graph ${flags.graph} has nothing to select: ${uri} is used as it is`, { hint: `Write --server ${uri} --graph ${flags.graph}.` });
  return { scope: { kind: "server", url: trimmedBaseUrl(uri), graphId: undefined, legacy: { graph } }, notice };
}

function refuseServerForStorage({ command, capability }: Address, uri: string): void {
  if (capability !== "direct") return;
  throw new UnsupportedAddressError(`'${command}' cannot open '${uri}': it works on the storage of a graph, not over HTTP`, { hint: "Give a local path, such as ./orders.omni, an s3:// address, or --cluster DIR|URI --graph ID." });
}

function scopeOf(named: NamedScope, graph: string | undefined): Scope {
  switch (named.kind) {
    case "store":
      return { kind: "store", uri: named.uri, legacyGraph: undefined };
    case "server":
      return { kind: "server", url: trimmedBaseUrl(named.url), graphId: graph ?? named.defaultGraph, legacy: undefined };
    case "cluster":
      return { kind: "cluster", root: named.root, graphId: graph ?? named.defaultGraph };
  }
}

/** §5.5; the flags that could address such a scope directly were refused before (§4.2), so these come from configuration. */
function checkCapability({ command, capability }: Address, scope: Scope): void {
  const refusal = REFUSALS[scope.kind][capability];
  if (refusal === undefined) return;
  throw new UnsupportedAddressError(`'${command}' ${refusal[0]}, and ${PLACE[scope.kind]} ${shown(scope)} was addressed`, { hint: refusal[1] });
}

const PLACE: Readonly<Record<Scope["kind"], string>> = { server: "the server", cluster: "the cluster", store: "the store" };

const REFUSALS: Readonly<Record<Scope["kind"], Partial<Record<Capability, readonly [needs: string, hint: string]>>>> = {
  server: {
    direct: ["works on the storage of a graph", "Address it with --store URI, or with --cluster DIR|URI --graph ID."],
    control: ["looks into a cluster", "Address it with --cluster DIR|URI, or with a profile that names a cluster."],
  },
  cluster: {
    any: ["works on data, through a server or on a store", "Clusters are not for data commands; use --server NAME|URL --graph ID or --store URI."],
    served: ["asks a server", "Use --server NAME|URL; 'omnigraph cluster status' lists the graphs of a cluster."],
  },
  store: {
    served: ["asks a server", "Use --server NAME|URL."],
    control: ["looks into a cluster", "Address it with --cluster DIR|URI, or with a profile that names a cluster."],
  },
};

function shown(scope: Scope): string {
  return scope.kind === "server" ? scope.url : scope.kind === "cluster" ? scope.root : scope.uri;
}
