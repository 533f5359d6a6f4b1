import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

export interface ConfigDirectorySpec {
  /** Text of `cluster.yaml`; left out, there is none. */
  readonly clusterYaml?: string | Uint8Array;
  /** Content by path relative to the directory. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>;
}

/** Writes a configuration directory, folders included. Files that are there already and are not named stay. @returns `directory` */
export async function writeConfigDirectory(directory: string, { clusterYaml, files = {} }: ConfigDirectorySpec): Promise<string> {
  await mkdir(directory, { recursive: true });
  const contents = { ...files, ...(clusterYaml === undefined ? {} : { "cluster.yaml": clusterYaml }) };
  for (const [path, content] of Object.entries(contents)) {
    const file = join(directory, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return directory;
}
