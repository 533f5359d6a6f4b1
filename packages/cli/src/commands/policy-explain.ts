import { POLICY_ACTIONS, type PolicyAction, type PolicyRequest } from "@omnigraphdb/common";
import { Option } from "commander";
import { CONTROL_FLAGS } from "../addressing/flag-sets.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";
import { compileSource, declarePolicySource, type PolicyFlags, policySource } from "../policy-source.js";

interface PolicyExplainFlags extends PolicyFlags {
  readonly actor: string;
  readonly action: PolicyAction;
  readonly branch?: string;
  readonly targetBranch?: string;
}

export const policyExplainCommand: CommandDefinition<PolicyExplainFlags> = {
  path: ["policy", "explain"],
  capability: "control",
  summary: "show one decision of a policy bundle and the rule behind it",
  accepts: CONTROL_FLAGS,
  examples: [
    "omnigraph policy explain --file ops/data.policy.yaml --actor mei --action change --branch main",
    "omnigraph policy explain --cluster ./depot --graph orders --actor mei --action branch_merge --branch draft --target-branch main",
  ],
  declare(command) {
    command
      .requiredOption("--actor <ACTOR>", "who is asking")
      .addOption(new Option("--action <ACTION>", "what is asked for").choices(POLICY_ACTIONS).makeOptionMandatory())
      .option("--branch <BRANCH>", "branch that is read or changed, or the source of a merge or a new branch")
      .option("--target-branch <BRANCH>", "branch that is created, deleted or merged into");
    declarePolicySource(command);
  },
  async run(invocation) {
    const { io, flags } = invocation;
    const { actor, action, branch, targetBranch } = flags;
    using policy = await compileSource(await policySource(invocation));
    const request: PolicyRequest = { action, ...(branch === undefined ? {} : { branch }), ...(targetBranch === undefined ? {} : { targetBranch }) };
    const { isAllowed, matchedRuleId, message } = policy.decide(actor, request);
    const lines: Readonly<Record<string, string>> = {
      decision: isAllowed ? "allow" : "deny",
      actor,
      action,
      ...(branch === undefined ? {} : { branch }),
      ...(targetBranch === undefined ? {} : { target_branch: targetBranch }),
      ...(matchedRuleId === null ? {} : { matched_rule: matchedRuleId }),
      message,
    };
    await io.stdout.write(flags.json === true ? jsonDocument({ policy: policy.name, ...lines }) : Object.entries(lines).map(([name, value]) => `${name}: ${value}\n`).join(""));
    return EXIT.success;
  },
};
