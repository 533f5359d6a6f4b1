import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { credentialsPathOf, storeCredential } from "../operator/credentials.js";
import { checkServerName } from "../operator/operator-name.js";
import { jsonDocument } from "../output/json.js";

interface LogoutFlags {
  readonly json?: boolean;
}

export const logoutCommand: CommandDefinition<LogoutFlags> = {
  path: ["logout"],
  capability: "local",
  summary: "forget the token for a server",
  accepts: [],
  examples: ["omnigraph logout harbor"],
  declare(command) {
    command.argument("<NAME>", "name of the server").option("--json", "print a JSON document");
  },
  async run({ io, positionals, flags }) {
    const name = checkServerName(positionals[0] ?? "");
    const path = credentialsPathOf(io);
    const isRemoved = await storeCredential(path, name, undefined);
    const text = isRemoved ? `removed the token for '${name}' from ${path}\n` : `no token for '${name}' in ${path}\n`;
    await io.stdout.write(flags.json === true ? jsonDocument({ server: name, credentials_path: path }) : text);
    return EXIT.success;
  },
};
