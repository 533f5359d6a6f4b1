import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Io } from "../io.js";
import { warn } from "../notice.js";
import type { ReadFormat } from "../output/read-result.js";
import type { TableCellLayout } from "../output/table-style.js";
import { OperatorConfigError } from "./errors.js";
import { configPathOf, operatorHome } from "./home.js";

/** A named scope (§3.4). Which of `server`, `cluster` and `store` it has is checked when it is used: see `profileBinding`. */
export interface OperatorProfile {
  /** A name in `servers`. */
  readonly server?: string;
  /** A name in `clusters`, or a root or directory. */
  readonly cluster?: string;
  readonly store?: string;
  readonly defaultGraph?: string;
}

/** A named call of a stored query (§8). Checked when it is used: see `aliasCall`. */
export interface OperatorAlias {
  readonly server?: string;
  readonly graph?: string;
  readonly query?: string;
  /** Names of the positional arguments. */
  readonly args: readonly string[];
  /** Fixed parameters; integers are `bigint`. */
  readonly params: ReadonlyMap<string, unknown>;
  /** Keys of `params` that are no strings. */
  readonly invalidParams: readonly string[];
  readonly format?: ReadFormat;
}

export interface OperatorDefaults {
  readonly output?: ReadFormat;
  /** Unicode scalar values. */
  readonly tableMaxColumnWidth?: number;
  readonly tableCellLayout?: TableCellLayout;
  /** A name in `servers`. */
  readonly server?: string;
  readonly store?: string;
  /** Graph within `server`. */
  readonly defaultGraph?: string;
}

/** What the operator's `config.yaml` says (§3). Holds no secret. Members keep the order of the file. */
export interface OperatorConfig {
  /** Where `config.yaml` is or would be; undefined without any home folder. */
  readonly path: string | undefined;
  /** Where the credentials file is or would be. */
  readonly credentialsPath: string | undefined;
  readonly actor: string | undefined;
  /** Base URLs end without `/`. */
  readonly servers: ReadonlyMap<string, { readonly url: string }>;
  readonly clusters: ReadonlyMap<string, { readonly root: string }>;
  readonly profiles: ReadonlyMap<string, OperatorProfile>;
  readonly aliases: ReadonlyMap<string, OperatorAlias>;
  readonly defaults: OperatorDefaults;
}

const loaded = new WeakMap<Io, Promise<OperatorConfig>>();

/**
 * Reads the operator's `config.yaml`, at most once per command; keys it does not know are announced on stderr and ignored (§2).
 * No file, an empty one, and no home folder are an empty configuration. Nothing is ever created.
 *
 * @throws OperatorConfigError naming file, line and column
 */
export function loadOperatorConfig(io: Io): Promise<OperatorConfig> {
  const known = loaded.get(io);
  if (known !== undefined) return known;
  const loading = load(io);
  loaded.set(io, loading);
  return loading;
}

async function load(io: Io): Promise<OperatorConfig> {
  const home = operatorHome(io);
  const path = configPathOf(io);
  const text = path === undefined ? "" : await readConfigText(path);
  const files = { path, credentialsPath: home === undefined ? undefined : join(home, "credentials") };
  if (path === undefined || text.trim() === "") return { ...EMPTY, ...files };
  const { parseOperatorConfig } = await import("./parse-config.js");
  const { config, warnings } = parseOperatorConfig(path, text);
  for (const warning of warnings) await warn(io, warning);
  return { ...config, ...files };
}

const EMPTY: Omit<OperatorConfig, "path" | "credentialsPath"> = {
  actor: undefined,
  servers: new Map(),
  clusters: new Map(),
  profiles: new Map(),
  aliases: new Map(),
  defaults: {},
};

/** Empty when there is no file. */
export async function readConfigText(path: string): Promise<string> {
  try {
    const bytes = await readFile(path);
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) throw new OperatorConfigError(path, "the file is not valid UTF-8");
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return "";
    throw new OperatorConfigError(path, `the file cannot be read: ${UNREADABLE[code ?? ""] ?? code ?? "unknown"}`, error);
  }
}

const UNREADABLE: Readonly<Record<string, string>> = { EACCES: "permission denied", EPERM: "permission denied", EISDIR: "it is a folder" };
