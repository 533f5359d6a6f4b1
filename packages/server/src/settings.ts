/** Everything tunable of a server process, out of its arguments and its environment (server.md §1). */
import { type GraphSettingsInput, parseS3Environment, parseSettingsEnvironment } from "@omnigraphdb/engine";
import type { ServerArguments } from "./boot/command-line.js";
import { type Environment, type IgnoredVariable, isOn, NumberReader, present } from "./boot/environment.js";
import { BootSourceError, ServerSettingError, ServerUsageError } from "./boot/errors.js";
import { type LogLevel } from "./observability/logger.js";
import { DEFAULT_SERVER_LIMITS, type ServerLimits } from "./server-limits.js";

export interface BindAddress {
  readonly host: string;
  /** 0: a free one. */
  readonly port: number;
}

/** How long and how much one connection may take. Times in milliseconds. */
export interface ConnectionSettings {
  /** For the whole head of a request. */
  readonly headersTimeoutMs: number;
  /** Between two requests. */
  readonly keepAliveTimeoutMs: number;
  /** Without a byte from a client that is sending, or to a client that is receiving. */
  readonly stallTimeoutMs: number;
  /** Head of a request, all lines together. */
  readonly headerBytesMax: number;
}

export const DEFAULT_CONNECTIONS: ConnectionSettings = {
  headersTimeoutMs: 10_000,
  keepAliveTimeoutMs: 65_000,
  stallTimeoutMs: 60_000,
  headerBytesMax: 16_384,
};

/** Compacting in the background. Times in milliseconds. */
export interface UpkeepSettings {
  readonly isEnabled: boolean;
  /** Between two looks at the graphs. */
  readonly intervalMs: number;
  /** How long a branch must not have moved before it is worked on. */
  readonly quietMs: number;
}

const DEFAULT_UPKEEP: UpkeepSettings = { isEnabled: true, intervalMs: 15_000, quietMs: 10_000 };

export interface McpSettings {
  readonly isEnabled: boolean;
  readonly allowsAdHoc: boolean;
  readonly allowedOrigins: readonly string[];
}

/** What is served: an applied cluster, or what a legacy file or address names (server.md 11.2). */
export type BootSource =
  | { readonly kind: "cluster"; readonly cluster: string }
  | { readonly kind: "legacy"; readonly uri?: string; readonly target?: string; readonly config?: string };

export interface ServerSettings {
  readonly source: BootSource;
  /** Undefined: what a legacy file says, else {@link DEFAULT_BIND}. */
  readonly bind: BindAddress | undefined;
  readonly isUnauthenticated: boolean;
  readonly isQuarantine: boolean;
  readonly isMetricsEnabled: boolean;
  /** 0: only when told to. */
  readonly reloadPollMs: number;
  readonly limits: ServerLimits;
  readonly connections: ConnectionSettings;
  readonly upkeep: UpkeepSettings;
  readonly engine: GraphSettingsInput;
  readonly mcp: McpSettings;
  readonly logLevel: LogLevel;
  /** Variables whose values were no numbers. */
  readonly ignored: readonly IgnoredVariable[];
}

export const DEFAULT_BIND: BindAddress = { host: "127.0.0.1", port: 8080 };

/**
 * How long the writer lease is kept after a write, so that the next one finds it. A writer of another process that waits gets it within a
 * fraction of a second all the same.
 */
const LEASE_IDLE_MS = 15_000;

/** @throws ServerUsageError, BootSourceError, ServerSettingError; EnvironmentError for a setting of the engine */
export function serverSettings(args: ServerArguments, env: Environment): ServerSettings {
  const isQuarantine = args.isQuarantine || isOn(env, "OMNIGRAPH_QUARANTINE");
  if (isQuarantine && (args.isRequireAllGraphs || isOn(env, "OMNIGRAPH_REQUIRE_ALL_GRAPHS"))) {
    throw new ServerUsageError("--quarantine and --require-all-graphs (or their variables) contradict each other");
  }
  const numbers = new NumberReader(env);
  const pollSeconds = args.reloadPollSeconds;
  const origins = present(env, "OMNIGRAPH_MCP_ALLOWED_ORIGINS") ?? "";
  return {
    source: bootSource(args, env),
    bind: args.bind === undefined ? undefined : parseBind(args.bind),
    isUnauthenticated: args.isUnauthenticated || isOn(env, "OMNIGRAPH_UNAUTHENTICATED"),
    isQuarantine,
    isMetricsEnabled: args.isMetrics || isOn(env, "OMNIGRAPH_METRICS"),
    reloadPollMs: pollSeconds === undefined ? numbers.read("OMNIGRAPH_RELOAD_POLL_MS", 0) : Math.round(pollSeconds * 1000),
    limits: limitsOf(numbers),
    connections: connectionsOf(numbers),
    upkeep: upkeepOf(env, numbers),
    engine: engineSettings(env, numbers),
    mcp: {
      isEnabled: present(env, "OMNIGRAPH_MCP") === undefined || isOn(env, "OMNIGRAPH_MCP"),
      allowsAdHoc: isOn(env, "OMNIGRAPH_MCP_ALLOW_ADHOC"),
      allowedOrigins: origins.split(",").map((origin) => origin.trim()).filter((origin) => origin !== ""),
    },
    logLevel: logLevelOf(present(env, "OMNIGRAPH_LOG") ?? present(env, "RUST_LOG") ?? "info"),
    ignored: numbers.ignored,
  };
}

function bootSource({ cluster, uri, target, config }: ServerArguments, env: Environment): BootSource {
  const legacy = [uri === undefined ? "" : "a graph address", target === undefined ? "" : "--target", config === undefined ? "" : "--config"].filter((given) => given !== "");
  if (cluster !== undefined) {
    if (legacy.length > 0) throw new BootSourceError(`--cluster is the only source of graphs; leave out ${legacy.join(" and ")}`);
    return { kind: "cluster", cluster };
  }
  if (env["OMNIGRAPH_NO_LEGACY_CONFIG"] !== undefined) {
    throw new BootSourceError("nothing to serve: a cluster is expected", { hint: "Start with --cluster DIR or --cluster URI. OMNIGRAPH_NO_LEGACY_CONFIG switches the legacy ways off." });
  }
  return {
    kind: "legacy",
    ...(uri === undefined ? {} : { uri }),
    ...(target === undefined ? {} : { target }),
    ...(config === undefined ? {} : { config }),
  };
}

/** `host:port`, `[v6]:port`. @throws ServerSettingError */
export function parseBind(text: string): BindAddress {
  const match = /^(?:\[([0-9a-fA-F:.%]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || !(port <= 65_535)) {
    throw new ServerSettingError(`'${text}' is no address to listen on`, { hint: "Give host and port, such as 127.0.0.1:8080 or [::1]:0." });
  }
  return { host, port };
}

function limitsOf(numbers: NumberReader): ServerLimits {
  const fallback = DEFAULT_SERVER_LIMITS;
  return {
    inflightPerActorMax: numbers.read("OMNIGRAPH_PER_ACTOR_INFLIGHT_MAX", fallback.inflightPerActorMax),
    bytesPerActorMax: numbers.read("OMNIGRAPH_PER_ACTOR_BYTES_MAX", fallback.bytesPerActorMax),
    loadBodyBytesMax: numbers.read("OMNIGRAPH_LOAD_BODY_BYTES_MAX", fallback.loadBodyBytesMax, 1),
    requestTimeoutMs: numbers.read("OMNIGRAPH_REQUEST_TIMEOUT_MS", fallback.requestTimeoutMs),
  };
}

function connectionsOf(numbers: NumberReader): ConnectionSettings {
  const fallback = DEFAULT_CONNECTIONS;
  return {
    headersTimeoutMs: numbers.read("OMNIGRAPH_HEADERS_TIMEOUT_MS", fallback.headersTimeoutMs, 1),
    keepAliveTimeoutMs: numbers.read("OMNIGRAPH_KEEP_ALIVE_TIMEOUT_MS", fallback.keepAliveTimeoutMs, 1),
    stallTimeoutMs: numbers.read("OMNIGRAPH_STALL_TIMEOUT_MS", fallback.stallTimeoutMs, 1),
    headerBytesMax: numbers.read("OMNIGRAPH_HEADER_BYTES_MAX", fallback.headerBytesMax, 1024),
  };
}

function upkeepOf(env: Environment, numbers: NumberReader): UpkeepSettings {
  return {
    isEnabled: present(env, "OMNIGRAPH_UPKEEP") === undefined || isOn(env, "OMNIGRAPH_UPKEEP"),
    intervalMs: numbers.read("OMNIGRAPH_UPKEEP_INTERVAL_MS", DEFAULT_UPKEEP.intervalMs, 1),
    quietMs: numbers.read("OMNIGRAPH_UPKEEP_QUIET_MS", DEFAULT_UPKEEP.quietMs),
  };
}

/** @throws EnvironmentError */
function engineSettings(env: Environment, numbers: NumberReader): GraphSettingsInput {
  return {
    ...parseSettingsEnvironment(env),
    // Read here as well, so that one that is no number is noted.
    maintenanceConcurrency: numbers.read("OMNIGRAPH_MAINTENANCE_CONCURRENCY", 8, 1),
    lease: { idleMs: LEASE_IDLE_MS },
    s3: parseS3Environment(env),
  };
}

const LEVEL_NAMES: Readonly<Record<string, LogLevel>> = { trace: "debug", debug: "debug", info: "info", warn: "warn", warning: "warn", error: "error", off: "silent", silent: "silent" };

/** A level, or `target=level` pairs of which those of this program count (server.md S1). Anything else means info. */
export function logLevelOf(filter: string): LogLevel {
  let level: LogLevel | undefined;
  for (const part of filter.split(",")) {
    const [target, name] = part.includes("=") ? part.split("=", 2) : ["omnigraph", part];
    const named = LEVEL_NAMES[name?.trim().toLowerCase() ?? ""];
    if (named !== undefined && target?.trim().startsWith("omnigraph") === true) level = named;
  }
  return level ?? "info";
}
