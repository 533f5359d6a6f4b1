import { CONTROL_FLAGS } from "../addressing/flag-sets.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT, type ExitCode } from "../exit-code.js";
import type { Io } from "../io.js";
import { jsonDocument } from "../output/json.js";
import { compileSource, declarePolicySource, type PolicyFlags, type PolicySource, policySource } from "../policy-source.js";

export const policyValidateCommand: CommandDefinition<PolicyFlags> = {
  path: ["policy", "validate"],
  capability: "control",
  summary: "check a policy bundle",
  accepts: CONTROL_FLAGS,
  examples: ["omnigraph policy validate --file ops/data.policy.yaml", "omnigraph policy validate --cluster ./depot --graph orders --json"],
  declare: declarePolicySource,
  async run(invocation) {
    const { io, flags } = invocation;
    const source = await policySource(invocation);
    return flags.json === true ? validateAsJson(io, source) : validateAsText(io, source);
  },
};

async function validateAsText(io: Io, source: PolicySource): Promise<ExitCode> {
  using policy = await compileSource(source);
  await io.stdout.write(`policy ${policy.name} is valid: ${policy.actorCount} ${policy.actorCount === 1 ? "actor" : "actors"}\n`);
  return EXIT.success;
}

/** A bundle that is not valid is a result here, with its problems, and still a failure of the command. */
async function validateAsJson(io: Io, source: PolicySource): Promise<ExitCode> {
  try {
    using policy = await compileSource(source);
    await io.stdout.write(jsonDocument({ valid: true, policy: policy.name, actors: policy.actorCount, problems: [] }));
    return EXIT.success;
  } catch (error) {
    const { PolicyBundleError } = await import("@omnigraphdb/policy");
    if (!(error instanceof PolicyBundleError)) throw error;
    const problems = error.problems.map(({ line, column, message }) => ({ line, column, message }));
    await io.stdout.write(jsonDocument({ valid: false, policy: source.name, actors: null, problems }));
    return EXIT.failure;
  }
}
