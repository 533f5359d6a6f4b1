import type { Io } from "../io.js";
import { isStrictLegacy, legacyFileOf, legacyGraph } from "../legacy/legacy-layer.js";
import { loadOperatorConfig, type OperatorConfig } from "../operator/config.js";
import { UnknownOperatorNameError } from "../operator/errors.js";
import { profileBinding } from "../operator/profile-binding.js";
import type { NamedScope, ScopeLayers } from "./choose-scope.js";

/** The configuration of the person who runs the command. The operator's file is read only when a question needs it. */
export function configuredLayers(io: Io): ScopeLayers {
  return {
    isStrict: isStrictLegacy(io),
    legacyDefault: legacyFileOf(io)?.cli.graph,
    legacyGraph: async (name) => (await legacyGraph(io, name)).uri,
    serverUrl: async (name) => serverUrl(await loadOperatorConfig(io), name, `server '${name}'`),
    clusterRoot: async (given) => clusterRoot(await loadOperatorConfig(io), given),
    profile: async (name) => profileScope(await loadOperatorConfig(io), name),
    defaults: async () => defaultScope(await loadOperatorConfig(io)),
  };
}

function profileScope(config: OperatorConfig, name: string): NamedScope {
  const profile = config.profiles.get(name);
  if (profile === undefined) throw new UnknownOperatorNameError(`profile '${name}'`, "profiles", config.profiles.keys(), config.path);
  const { defaultGraph } = profile;
  const { kind, target } = profileBinding(name, profile);
  switch (kind) {
    case "store":
      return { kind, uri: target };
    case "server":
      return { kind, url: serverUrl(config, target, `server '${target}' of profile '${name}'`), defaultGraph };
    case "cluster":
      return { kind, root: clusterRoot(config, target), defaultGraph };
  }
}

function defaultScope(config: OperatorConfig): NamedScope | undefined {
  const { server, store, defaultGraph } = config.defaults;
  if (server !== undefined) return { kind: "server", url: serverUrl(config, server, `server '${server}' of 'defaults'`), defaultGraph };
  return store === undefined ? undefined : { kind: "store", uri: store };
}

function serverUrl(config: OperatorConfig, name: string, subject: string): string {
  const server = config.servers.get(name);
  if (server === undefined) throw new UnknownOperatorNameError(subject, "servers", config.servers.keys(), config.path);
  return server.url;
}

/** A name of the configuration, else a folder or storage root (§5.5). */
function clusterRoot({ clusters }: OperatorConfig, given: string): string {
  return clusters.get(given)?.root ?? given;
}
