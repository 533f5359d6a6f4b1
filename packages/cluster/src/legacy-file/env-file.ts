import { readFile } from "node:fs/promises";
import { LegacyFileError } from "./errors.js";

/** What `auth.env_file` sets (§10.6); empty when there is no such file. Throws {@link LegacyFileError}. */
export async function readEnvFile(path: string): Promise<ReadonlyMap<string, string>> {
  try {
    return parseEnvFile(await readFile(path, "utf8"));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === "ENOENT" || code === "ENOTDIR") return new Map();
    throw new LegacyFileError(path, `the file of 'auth.env_file' cannot be read (${code ?? "unknown"})`, { cause: error });
  }
}

/** Lines `NAME=value`, with `export ` before and matching quotes around if need be. Of a repeated name the first counts. */
export function parseEnvFile(text: string): ReadonlyMap<string, string> {
  const variables = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const [, name, value = ""] = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line) ?? [];
    if (name !== undefined && !variables.has(name)) variables.set(name, /^(['"])(.*)\1$/.exec(value)?.[2] ?? value);
  }
  return variables;
}
