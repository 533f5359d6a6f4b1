import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import type { Io } from "../io.js";
import { hint } from "../notice.js";
import { loadOperatorConfig } from "../operator/config.js";
import { credentialsPathOf, storeCredential } from "../operator/credentials.js";
import { definedNames, TokenInvalidError } from "../operator/errors.js";
import { checkServerName } from "../operator/operator-name.js";
import { tokenVariable } from "../operator/token-variable.js";
import { jsonDocument } from "../output/json.js";

interface LoginFlags {
  readonly token?: string;
  readonly json?: boolean;
}

export const loginCommand: CommandDefinition<LoginFlags> = {
  path: ["login"],
  capability: "local",
  summary: "store the token for a server of the operator configuration",
  accepts: [],
  examples: ["omnigraph login harbor", "printf '%s' \"$HARBOR_TOKEN\" | omnigraph login harbor"],
  declare(command) {
    command
      .argument("<NAME>", "name of the server")
      .option("--token <T>", "the token; left out, it is one line of stdin, which other users of the machine cannot see")
      .option("--json", "print a JSON document");
  },
  async run({ io, positionals, flags }) {
    const name = checkServerName(positionals[0] ?? "");
    const { servers } = await loadOperatorConfig(io);
    const path = credentialsPathOf(io);
    const token = (flags.token ?? (await readToken(io, name)) ?? "").trim();
    if (token === "") throw new TokenInvalidError("the token is blank", { hint: "Pass it as one line of stdin, or with --token." });
    await storeCredential(path, name, token);
    const isDeclared = servers.has(name);
    if (!isDeclared) await hint(io, `the token is stored, and unused until 'servers.${name}' is in the operator configuration; ${definedNames("servers", servers.keys())}`);
    if ((io.env[tokenVariable(name)] ?? "").trim() !== "") await hint(io, `the token is stored, and unused while ${tokenVariable(name)} is set`);
    const document = { server: name, credentials_path: path, declared: isDeclared };
    await io.stdout.write(flags.json === true ? jsonDocument(document) : `stored the token for '${name}' in ${path}\n`);
    return EXIT.success;
  },
};

async function readToken(io: Io, name: string): Promise<string | undefined> {
  if (!io.stdin.isTTY) return io.stdin.line();
  await io.stderr.write(`token for '${name}': `);
  const token = await io.stdin.secretLine();
  await io.stderr.write("\n");
  return token;
}
