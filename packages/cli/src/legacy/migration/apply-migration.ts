import { access, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { type Document, isMap, isScalar, parseDocument, stringify } from "yaml";
import { OutputFileError } from "../../errors.js";
import type { Io } from "../../io.js";
import { readConfigText } from "../../operator/config.js";
import { NoOperatorHomeError, OperatorConfigError } from "../../operator/errors.js";
import { configPathOf } from "../../operator/home.js";
import { parseOperatorConfig } from "../../operator/parse-config.js";
import { replaceFile } from "../../operator/replace-file.js";
import type { MigrationReport, OperatorSetting, OperatorValue } from "./migration-report.js";

/**
 * Writes both halves of a migration (operator configuration §10.8.8). What the operator configuration says already stays; the old
 * file, and the files of queries and policies, are never touched.
 *
 * @param directory of the old file
 * @returns paths that were written
 * @throws OperatorConfigError, NoOperatorHomeError before anything is written; OutputFileError
 */
export async function applyMigration(io: Io, report: MigrationReport, directory: string): Promise<readonly string[]> {
  const personal = await plannedConfig(io, report.operatorSettings);
  return [...(personal === undefined ? [] : await writeConfig(personal)), ...(report.clusterYaml === null ? [] : await writeTeamHalf(directory, report.clusterYaml))];
}

/** One value on one line of YAML. */
export function yamlText(value: OperatorValue): string {
  return stringify(value, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: false }).trimEnd();
}

interface PlannedConfig {
  readonly path: string;
  /** Undefined when there is no file yet. */
  readonly before: string | undefined;
  readonly after: string;
}

/** The operator configuration with what it lacks; undefined when it lacks nothing. */
async function plannedConfig(io: Io, settings: readonly OperatorSetting[]): Promise<PlannedConfig | undefined> {
  if (settings.length === 0) return undefined;
  const path = configPathOf(io);
  if (path === undefined) throw new NoOperatorHomeError("config.yaml");
  const text = await readConfigText(path);
  parseOperatorConfig(path, text);
  const document: Document = parseDocument(text);
  if (!isMap(document.contents)) document.contents = document.createNode({});
  const added = settings.filter(({ path: keys, value }) => addMissing(document, path, keys, value));
  if (added.length === 0) return undefined;
  const after = document.toString({ lineWidth: 0 });
  // Nobody should end with a file that the next command refuses.
  parseOperatorConfig(path, after);
  return { path, before: (await exists(path)) ? text : undefined, after };
}

/** @returns whether the value was missing */
function addMissing(document: Document, file: string, keys: readonly string[], value: OperatorValue): boolean {
  for (let depth = 1; depth < keys.length; depth++) {
    const section = document.getIn(keys.slice(0, depth), true);
    if (isScalar(section) && section.value === null) document.deleteIn(keys.slice(0, depth));
    else if (section !== undefined && !isMap(section)) throw new OperatorConfigError(file, `'${keys.slice(0, depth).join(".")}' is no mapping, so '${keys.join(".")}' cannot be added`);
  }
  const present = document.getIn(keys, true);
  if (present !== undefined && !(isScalar(present) && present.value === null)) return false;
  document.setIn(keys, document.createNode(value));
  return true;
}

async function writeConfig({ path, before, after }: PlannedConfig): Promise<readonly string[]> {
  if (before !== undefined) await writeWhole(`${path}.bak`, before);
  await writeWhole(path, after);
  return before === undefined ? [path] : [`${path}.bak`, path];
}

/** Beside a `cluster.yaml` that is there already, as a proposal. What is there with the same text is not written again. */
async function writeTeamHalf(directory: string, text: string): Promise<readonly string[]> {
  const path = join(directory, "cluster.yaml");
  const present = await textOf(path);
  if (present === undefined) {
    await writeWhole(path, text);
    return [path];
  }
  const proposed = `${path}.proposed`;
  const before = await textOf(proposed);
  if (present === text || before === text) return [];
  if (before !== undefined) await writeWhole(`${proposed}.bak`, before);
  await writeWhole(proposed, text);
  return before === undefined ? [proposed] : [`${proposed}.bak`, proposed];
}

async function textOf(path: string): Promise<string | undefined> {
  return (await exists(path)) ? ((await stat(path)).isFile() ? readFile(path, "utf8") : "") : undefined;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(() => true, () => false);
}

async function writeWhole(path: string, text: string): Promise<void> {
  try {
    await replaceFile(path, text, 0o644);
  } catch (error) {
    throw new OutputFileError(path, error);
  }
}
