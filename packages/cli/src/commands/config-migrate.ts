import { resolve } from "node:path";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { LegacyFileMissingError } from "../legacy/errors.js";
import { LEGACY_FILE_NAME } from "../legacy/legacy-layer.js";
import { reportJson, reportText } from "../legacy/migration/migration-report.js";
import { configPathOf } from "../operator/home.js";
import { jsonDocument } from "../output/json.js";

interface MigrateFlags {
  readonly write?: boolean;
  readonly json?: boolean;
}

export const configMigrateCommand: CommandDefinition<MigrateFlags> = {
  path: ["config", "migrate"],
  capability: "local",
  summary: "split an old omnigraph.yaml into what is the team's and what is yours",
  accepts: ["config"],
  examples: ["omnigraph config migrate", "omnigraph config migrate --config ./omnigraph.yaml --write"],
  declare(command) {
    command.option("--write", "write both halves; without it nothing on disk changes").option("--json", "print a JSON document");
  },
  async run({ io, flags }) {
    const path = resolve(io.cwd, flags.config ?? LEGACY_FILE_NAME);
    const { readLegacyFile } = await import("@omnigraphdb/cluster");
    const file = await readLegacyFile(path);
    if (file === undefined) throw new LegacyFileMissingError(path, flags.config === undefined ? "'config migrate'" : "--config");
    const { migrateLegacyFile } = await import("../legacy/migration/migrate-legacy-file.js");
    const { applyMigration, yamlText } = await import("../legacy/migration/apply-migration.js");
    const report = migrateLegacyFile(file);
    const written = flags.write === true ? await applyMigration(io, report, file.directory) : [];
    if (flags.json === true) {
      const document = reportJson(report, yamlText);
      await io.stdout.write(jsonDocument(flags.write === true ? { report: document, written } : document));
      return EXIT.success;
    }
    const closing = flags.write === true ? (written.length === 0 ? "Nothing was left to write.\n" : `Written:\n${written.map((name) => `  ${name}\n`).join("")}`) : "Nothing was written; --write does.\n";
    await io.stdout.write(`${reportText(report, yamlText, configPathOf(io))}\n${closing}`);
    return EXIT.success;
  },
};
