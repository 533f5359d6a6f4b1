import { READ_FORMATS } from "../output/read-result.js";
import { TABLE_CELL_LAYOUTS } from "../output/table-style.js";
import { type OperatorAlias, type OperatorConfig, type OperatorDefaults, type OperatorProfile } from "./config.js";
import { type ConfigMapping, parseConfigMapping } from "./config-mapping.js";
import { isOperatorName, OPERATOR_NAME_RULE } from "./operator-name.js";
import { serverUrlProblem, trimmedBaseUrl } from "./server-url.js";
import { tokenVariable } from "./token-variable.js";

type ParsedConfig = Omit<OperatorConfig, "path" | "credentialsPath">;

const TOP_KEYS = ["operator", "servers", "defaults", "clusters", "profiles", "aliases"];
const OPERATOR_KEYS = ["actor"];
const SERVER_KEYS = ["url"];
const CLUSTER_KEYS = ["root"];
const DEFAULTS_KEYS = ["output", "table_max_column_width", "table_cell_layout", "server", "store", "default_graph"];
const PROFILE_KEYS = ["server", "cluster", "store", "default_graph"];
const ALIAS_KEYS = ["server", "graph", "query", "args", "params", "format"];

/** People look for a place to put a token (O2). */
const TOKEN_LIKE = new Set(["token", "bearer_token", "password"]);

/** The text of a `config.yaml`, checked, and one warning per key it does not know (§2.4). Throws OperatorConfigError. */
export function parseOperatorConfig(path: string, text: string): { readonly config: ParsedConfig; readonly warnings: readonly string[] } {
  const top = parseConfigMapping(path, text);
  const warnings: string[] = [];
  const checked = (mapping: ConfigMapping, known: readonly string[]): ConfigMapping => {
    for (const name of mapping.names) if (!known.includes(name)) warnings.push(unknownKey(path, mapping, name));
    return mapping;
  };
  const section = <T>(name: string, known: readonly string[], parse: (mapping: ConfigMapping) => T): ReadonlyMap<string, T> =>
    new Map(top.members(name).map(([member, mapping]) => [nameIn(top.mapping(name), member), parse(checked(mapping, known))]));
  checked(top, TOP_KEYS);
  const config: ParsedConfig = {
    actor: checked(top.mapping("operator"), OPERATOR_KEYS).string("actor"),
    servers: section("servers", SERVER_KEYS, (mapping) => ({ url: serverUrl(mapping) })),
    defaults: defaultsOf(checked(top.mapping("defaults"), DEFAULTS_KEYS)),
    clusters: section("clusters", CLUSTER_KEYS, (mapping) => ({ root: mapping.requiredString("root") })),
    profiles: section("profiles", PROFILE_KEYS, profileOf),
    aliases: section("aliases", ALIAS_KEYS, aliasOf),
  };
  warnings.push(...sharedServers(path, config.servers));
  return { config, warnings };
}

function unknownKey(path: string, mapping: ConfigMapping, name: string): string {
  const dotted = mapping.key === "" ? name : `${mapping.key}.${name}`;
  const advice = TOKEN_LIKE.has(name) ? "; tokens do not belong here: store one with 'omnigraph login NAME'" : "";
  return `unknown key '${dotted}' in ${path} is ignored${advice}`;
}

/** §3.2 */
function nameIn(section: ConfigMapping, name: string): string {
  if (!isOperatorName(name)) throw section.problem(`'${section.key}' names '${name}': ${OPERATOR_NAME_RULE}`);
  return name;
}

function serverUrl(mapping: ConfigMapping): string {
  const url = mapping.requiredString("url");
  const problem = serverUrlProblem(url);
  if (problem !== undefined) throw mapping.problem(`'${mapping.key}.url' ${problem}`);
  return trimmedBaseUrl(url);
}

function defaultsOf(mapping: ConfigMapping): OperatorDefaults {
  const server = mapping.string("server");
  const store = mapping.string("store");
  const defaultGraph = mapping.string("default_graph");
  if (server !== undefined && store !== undefined) throw mapping.problem("'defaults.server' and 'defaults.store' exclude each other");
  if (store !== undefined && defaultGraph !== undefined) throw mapping.problem("'defaults.store' is one graph; 'defaults.default_graph' goes with 'defaults.server' only");
  return {
    ...present("output", mapping.oneOf("output", READ_FORMATS)),
    ...present("tableMaxColumnWidth", mapping.integer("table_max_column_width", 1)),
    ...present("tableCellLayout", mapping.oneOf("table_cell_layout", TABLE_CELL_LAYOUTS)),
    ...present("server", server),
    ...present("store", store),
    ...present("defaultGraph", defaultGraph),
  };
}

function profileOf(mapping: ConfigMapping): OperatorProfile {
  return {
    ...present("server", mapping.string("server")),
    ...present("cluster", mapping.string("cluster")),
    ...present("store", mapping.string("store")),
    ...present("defaultGraph", mapping.string("default_graph")),
  };
}

function aliasOf(mapping: ConfigMapping): OperatorAlias {
  const { values, otherKeys } = mapping.values("params");
  return {
    ...present("server", mapping.string("server")),
    ...present("graph", mapping.string("graph")),
    ...present("query", mapping.string("query")),
    args: mapping.strings("args"),
    params: values,
    invalidParams: otherKeys,
    ...present("format", mapping.oneOf("format", READ_FORMATS)),
  };
}

/** Servers that share a token variable (O1), or a URL: the first one's token is what a request gets. */
function sharedServers(path: string, servers: ParsedConfig["servers"]): readonly string[] {
  const warnings: string[] = [];
  const byVariable = new Map<string, string>();
  const byUrl = new Map<string, string>();
  for (const [name, { url }] of servers) {
    const variable = tokenVariable(name);
    const address = new URL(url).href;
    const [sameVariable, sameUrl] = [byVariable.get(variable), byUrl.get(address)];
    if (sameVariable !== undefined) warnings.push(`servers '${sameVariable}' and '${name}' in ${path} share the variable ${variable}`);
    if (sameUrl !== undefined) warnings.push(`servers '${sameUrl}' and '${name}' in ${path} have the same URL; requests use the token of '${sameUrl}'`);
    byVariable.set(variable, sameVariable ?? name);
    byUrl.set(address, sameUrl ?? name);
  }
  return warnings;
}

function present<K extends string, V>(key: K, value: V | undefined): { readonly [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [P in K]?: V };
}
