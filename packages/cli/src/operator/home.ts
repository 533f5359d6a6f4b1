import { join, resolve } from "node:path";
import type { Io } from "../io.js";

/**
 * The folder of personal files (§2.1): `OMNIGRAPH_HOME`, else `~/.omnigraph`.
 *
 * @returns undefined when there is no home folder either
 */
export function operatorHome({ env, cwd }: Pick<Io, "env" | "cwd">): string | undefined {
  const home = nonEmpty(process.platform === "win32" ? env["USERPROFILE"] : env["HOME"]);
  const given = nonEmpty(env["OMNIGRAPH_HOME"]);
  if (given === undefined) return home === undefined ? undefined : join(home, ".omnigraph");
  if (home !== undefined && /^~(?:[/\\]|$)/.test(given)) return join(home, given.slice(1));
  return resolve(cwd, given);
}

/** Where `config.yaml` is or would be. */
export function configPathOf(io: Pick<Io, "env" | "cwd">): string | undefined {
  const home = operatorHome(io);
  return home === undefined ? undefined : join(home, "config.yaml");
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === "" ? undefined : value;
}
