import { EnvironmentError } from "./errors.js";
import type { Io } from "./io.js";

/** What an acknowledged write survives: the death of any process, or loss of power as well. */
export type DurabilityName = "process" | "power";

export const DURABILITIES: readonly DurabilityName[] = ["process", "power"];

export const DURABILITY_VARIABLE = "OMNIGRAPH_DURABILITY";

/** Engine settings that the environment may change (operator configuration §11.1); absent members keep the engine's defaults. */
export interface EngineEnvironment {
  /** Byte budget of derived caches. */
  readonly cacheBytes?: number;
  readonly durability?: DurabilityName;
  /** Milliseconds one query may take; 0 = no limit. */
  readonly queryTimeoutMs?: number;
  /** Milliseconds an embedded write waits for another writer process. */
  readonly writerWaitMs?: number;
  /** Scratch directory of large loads. */
  readonly stagingDirectory?: string;
  /** Datasets that maintenance works on side by side. */
  readonly maintenanceConcurrency?: number;
  /** How traversals reach their edges; changes no result. */
  readonly traversalMode?: "indexed" | "csr";
  readonly indexedFrontierMax?: number;
  readonly indexedHopsMax?: number;
}

export function readEngineEnvironment(env: Io["env"]): EngineEnvironment {
  const cacheBytes = wholeNumber(env, "OMNIGRAPH_CACHE_BYTES", "a whole number of bytes");
  const writerWaitMs = wholeNumber(env, "OMNIGRAPH_WRITER_WAIT_MS", "a whole number of milliseconds");
  const queryTimeoutMs = wholeNumber(env, "OMNIGRAPH_QUERY_TIMEOUT_MS", "a whole number of milliseconds");
  const stagingDirectory = present(env, "OMNIGRAPH_MERGE_STAGING_DIR");
  const durability = durabilityOf(env);
  const maintenanceConcurrency = concurrencyOf(env, "OMNIGRAPH_MAINTENANCE_CONCURRENCY");
  const mode = present(env, "OMNIGRAPH_TRAVERSAL_MODE");
  const indexedFrontierMax = wholeNumber(env, "OMNIGRAPH_EXPAND_INDEXED_MAX_FRONTIER", "a whole number of nodes");
  const indexedHopsMax = wholeNumber(env, "OMNIGRAPH_EXPAND_INDEXED_MAX_HOPS", "a whole number of hops");
  return {
    // Anything else leaves the choice to the engine (query specification §16).
    ...(mode === "indexed" || mode === "csr" ? { traversalMode: mode } : {}),
    ...(indexedFrontierMax === undefined ? {} : { indexedFrontierMax }),
    ...(indexedHopsMax === undefined ? {} : { indexedHopsMax }),
    ...(maintenanceConcurrency === undefined ? {} : { maintenanceConcurrency }),
    ...(durability === undefined ? {} : { durability }),
    ...(cacheBytes === undefined ? {} : { cacheBytes }),
    ...(queryTimeoutMs === undefined ? {} : { queryTimeoutMs }),
    ...(writerWaitMs === undefined ? {} : { writerWaitMs }),
    ...(stagingDirectory === undefined ? {} : { stagingDirectory }),
  };
}

/** @throws EnvironmentError for a level that does not exist */
export function durabilityOf(env: Io["env"]): DurabilityName | undefined {
  const given = present(env, DURABILITY_VARIABLE);
  const level = DURABILITIES.find((name) => name === given);
  if (given !== undefined && level === undefined) throw new EnvironmentError(DURABILITY_VARIABLE, given, DURABILITIES.join(" or "));
  return level;
}

/** Whether failures show stack traces. */
export function debugRequested(env: Io["env"]): boolean {
  return present(env, "OMNIGRAPH_DEBUG") !== undefined;
}

/** The variables that describe access to an S3-compatible store (§11.3). */
export function objectStoreEnvironment(env: Io["env"]): Io["env"] {
  return Object.fromEntries(Object.entries(env).filter(([name]) => name.startsWith("AWS_")));
}

/** Colours follow the terminal unless `NO_COLOR` or `FORCE_COLOR` says otherwise. */
export function colorsWanted(env: Io["env"], isTTY: boolean): boolean {
  if (present(env, "NO_COLOR") !== undefined) return false;
  const forced = present(env, "FORCE_COLOR");
  return forced === undefined ? isTTY : forced !== "0" && forced !== "false";
}

function present(env: Io["env"], name: string): string | undefined {
  const value = env[name];
  return value === undefined || value === "" ? undefined : value;
}

/** A tuning that is never worth refusing a command for: what is no number from 1 on leaves the default (MT-10). */
function concurrencyOf(env: Io["env"], name: string): number | undefined {
  const text = present(env, name) ?? "";
  const value = Number(text);
  return /^[0-9]+$/.test(text) && value >= 1 && Number.isSafeInteger(value) ? value : undefined;
}

function wholeNumber(env: Io["env"], name: string, expected: string): number | undefined {
  const text = present(env, name);
  if (text === undefined) return undefined;
  const value = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(value)) throw new EnvironmentError(name, text, expected);
  return value;
}
