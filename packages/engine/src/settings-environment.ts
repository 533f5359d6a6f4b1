import { EnvironmentError } from "./errors.js";
import type { GraphSettingsInput } from "./graph-settings.js";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Settings out of the variables of a process (operator configuration §11.1), for whoever owns it: the command line, a server. What no
 * variable says is absent, and a blank one says nothing. Access to S3 is `parseS3Environment`.
 *
 * @throws EnvironmentError
 */
export function parseSettingsEnvironment(environment: Environment): GraphSettingsInput {
  const mode = present(environment, "OMNIGRAPH_TRAVERSAL_MODE");
  const settings: { readonly [K in keyof GraphSettingsInput]: GraphSettingsInput[K] | undefined } = {
    cacheBytes: wholeNumber(environment, "OMNIGRAPH_CACHE_BYTES", "a whole number of bytes"),
    durability: durabilityOf(environment),
    indexedFrontierMax: wholeNumber(environment, "OMNIGRAPH_EXPAND_INDEXED_MAX_FRONTIER", "a whole number of nodes"),
    indexedHopsMax: wholeNumber(environment, "OMNIGRAPH_EXPAND_INDEXED_MAX_HOPS", "a whole number of hops"),
    maintenanceConcurrency: concurrencyOf(environment, "OMNIGRAPH_MAINTENANCE_CONCURRENCY"),
    queryTimeoutMs: wholeNumber(environment, "OMNIGRAPH_QUERY_TIMEOUT_MS", "a whole number of milliseconds"),
    stagingDirectory: present(environment, "OMNIGRAPH_MERGE_STAGING_DIR"),
    // Anything else leaves the choice to the engine (query specification §16).
    traversalMode: mode === "indexed" || mode === "csr" ? mode : undefined,
    writerWaitMs: wholeNumber(environment, "OMNIGRAPH_WRITER_WAIT_MS", "a whole number of milliseconds"),
  };
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function durabilityOf(environment: Environment): "process" | "power" | undefined {
  const level = present(environment, "OMNIGRAPH_DURABILITY");
  if (level === undefined || level === "process" || level === "power") return level;
  throw new EnvironmentError("OMNIGRAPH_DURABILITY", level, "process or power");
}

/** A tuning that is never worth refusing a command for: what is no number from 1 on leaves the default (MT-10). */
function concurrencyOf(environment: Environment, name: string): number | undefined {
  const value = parseWhole(present(environment, name) ?? "");
  return value === undefined || value < 1 ? undefined : value;
}

function wholeNumber(environment: Environment, name: string, expected: string): number | undefined {
  const text = present(environment, name);
  if (text === undefined) return undefined;
  const value = parseWhole(text);
  if (value === undefined) throw new EnvironmentError(name, text, expected);
  return value;
}

function parseWhole(text: string): number | undefined {
  const value = Number(text);
  return /^[0-9]+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}

function present(environment: Environment, name: string): string | undefined {
  const value = environment[name]?.trim();
  return value === "" ? undefined : value;
}
