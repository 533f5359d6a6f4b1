import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { ambientProfile } from "../operator/active-profile.js";
import { loadOperatorConfig, type OperatorConfig, type OperatorProfile } from "../operator/config.js";
import { UnknownOperatorNameError } from "../operator/errors.js";
import { bindingProblem, endpointOf, profileBinding } from "../operator/profile-binding.js";
import { jsonDocument } from "../output/json.js";

interface ProfileShowFlags {
  readonly json?: boolean;
}

export const profileShowCommand: CommandDefinition<ProfileShowFlags> = {
  path: ["profile", "show"],
  capability: "local",
  summary: "show where a profile, or the defaults, lead",
  accepts: [],
  examples: ["omnigraph profile show", "omnigraph profile show prod --json"],
  declare(command) {
    command.argument("[NAME]", "profile (default: that of OMNIGRAPH_PROFILE, else the defaults)").option("--json", "print a JSON document");
  },
  async run({ io, positionals, flags }) {
    const config = await loadOperatorConfig(io);
    const name = positionals[0] ?? ambientProfile(io);
    const document = name === undefined ? shown("(defaults)", config, config.defaults) : shown(name, config, profileOf(config, name));
    const lines = Object.entries(document).map(([key, value]) => `${key}: ${value ?? "-"}\n`);
    await io.stdout.write(flags.json === true ? jsonDocument(document) : lines.join(""));
    return EXIT.success;
  },
};

function profileOf({ profiles, path }: OperatorConfig, name: string): OperatorProfile {
  const profile = profiles.get(name);
  if (profile === undefined) throw new UnknownOperatorNameError(`profile '${name}'`, "profiles", profiles.keys(), path);
  return profile;
}

/** The flat defaults may be bound to nothing; a profile may not. */
function shown(name: string, config: OperatorConfig, scope: OperatorProfile): Readonly<Record<string, string | null>> {
  const isUnbound = scope === config.defaults && bindingProblem(scope) !== undefined;
  const binding = isUnbound ? undefined : profileBinding(name, scope);
  return {
    name,
    scope_kind: binding?.kind ?? "none",
    target: binding?.target ?? null,
    endpoint: binding === undefined ? null : endpointOf(config, binding),
    default_graph: scope.defaultGraph ?? null,
    output_format: config.defaults.output ?? "table",
  };
}
