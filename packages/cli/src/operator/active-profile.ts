import type { Io } from "../io.js";

/** The profile that `OMNIGRAPH_PROFILE` names; blank is unset (§11.1). */
export function ambientProfile({ env }: Pick<Io, "env">): string | undefined {
  const name = env["OMNIGRAPH_PROFILE"]?.trim();
  return name === "" ? undefined : name;
}
