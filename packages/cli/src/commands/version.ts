import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { VERSION } from "../version.js";

export const versionCommand: CommandDefinition = {
  path: ["version"],
  capability: "local",
  summary: "print the versions of the program and of its storage format",
  accepts: [],
  examples: ["omnigraph version"],
  declare() {
    // Takes no arguments.
  },
  async run({ io }) {
    const { INTERNAL_SCHEMA_VERSION } = await import("@omnigraphdb/engine");
    await io.stdout.write(`omnigraph ${VERSION}\ninternal-schema ${INTERNAL_SCHEMA_VERSION}\n`);
    return EXIT.success;
  },
};
