import { access } from "node:fs/promises";
import { isAbsolute, join } from "node:path";
import { STDIN_PATH } from "../input-source.js";
import { InputError } from "../errors.js";
import type { Io } from "../io.js";
import { legacyFileOf } from "./legacy-layer.js";

/**
 * Where a query file is (§12.6): with an old combined file, a relative path is looked up in its folder, then in each of its
 * `query.roots`; without one it is relative to the working directory.
 *
 * @throws InputError when it is in none of the folders
 */
export async function queryFilePath(io: Io, path: string): Promise<string> {
  const file = legacyFileOf(io);
  if (file === undefined || path === STDIN_PATH || isAbsolute(path)) return path;
  const folders = [file.directory, ...file.queryRoots.map(({ resolved }) => resolved)];
  for (const folder of folders) {
    const candidate = join(folder, path);
    if (await access(candidate).then(() => true, () => false)) return candidate;
  }
  throw new InputError(`cannot read the query file '${path}': it is in none of ${folders.join(", ")}`, { hint: "Check the path; it is relative to the old configuration file and its query.roots." });
}
