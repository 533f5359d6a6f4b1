import type { Io } from "./io.js";

/** One line on stderr that never changes the exit code (§1.11). */
export async function warn(io: Io, text: string): Promise<void> {
  await io.stderr.write(`warning: ${text}\n`);
}

/** Advice that costs nothing to ignore. */
export async function hint(io: Io, text: string): Promise<void> {
  await io.stderr.write(`hint: ${text}\n`);
}
