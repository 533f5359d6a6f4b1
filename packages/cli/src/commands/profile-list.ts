import type { Json } from "@omnigraphdb/common";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { ambientProfile } from "../operator/active-profile.js";
import { loadOperatorConfig, type OperatorConfig, type OperatorProfile } from "../operator/config.js";
import { bindingProblem, endpointOf, profileBinding } from "../operator/profile-binding.js";
import { jsonDocument } from "../output/json.js";

interface ProfileListFlags {
  readonly json?: boolean;
}

/** One profile as documents show it (§10.25). */
interface ProfileSummary {
  readonly name: string;
  /** `server: harbor`, or `invalid:` and why. */
  readonly binding: string;
  readonly scopeKind: "server" | "cluster" | "store" | "invalid";
  readonly target: string | null;
  /** Why it cannot be used. */
  readonly error: string | null;
  readonly defaultGraph: string | null;
  readonly isActive: boolean;
}

export const profileListCommand: CommandDefinition<ProfileListFlags> = {
  path: ["profile", "list"],
  capability: "local",
  summary: "list the profiles of the operator configuration",
  accepts: [],
  examples: ["omnigraph profile list"],
  declare(command) {
    command.option("--json", "print a JSON document");
  },
  async run({ io, flags }) {
    const config = await loadOperatorConfig(io);
    const active = ambientProfile(io);
    const profiles = [...config.profiles].map(([name, profile]) => summaryOf(config, name, profile, name === active));
    await io.stdout.write(flags.json === true ? jsonDocument(profiles.map(summaryJson)) : profiles.map(summaryLine).join("") || "(no profiles)\n");
    return EXIT.success;
  },
};

function summaryOf(config: OperatorConfig, name: string, profile: OperatorProfile, isActive: boolean): ProfileSummary {
  const rest = { name, defaultGraph: profile.defaultGraph ?? null, isActive };
  const problem = bindingProblem(profile);
  if (problem !== undefined) return { ...rest, binding: `invalid: ${problem}`, scopeKind: "invalid", target: null, error: problem };
  const binding = profileBinding(name, profile);
  const error = endpointOf(config, binding) === null ? `server '${binding.target}' is not defined` : null;
  return { ...rest, binding: `${binding.kind}: ${binding.target}`, scopeKind: binding.kind, target: binding.target, error };
}

function summaryJson({ name, binding, scopeKind, target, error, defaultGraph, isActive }: ProfileSummary): Json {
  return { name, binding, scope_kind: scopeKind, target, valid: error === null, error, default_graph: defaultGraph, active: isActive };
}

function summaryLine({ name, binding, error, defaultGraph, scopeKind, isActive }: ProfileSummary): string {
  const graph = defaultGraph === null ? "" : `, graph: ${defaultGraph}`;
  const problem = error === null || scopeKind === "invalid" ? "" : ` (${error})`;
  return `${name}: ${binding}${graph}${problem}${isActive ? " (active)" : ""}\n`;
}
