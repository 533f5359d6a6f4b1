import type { PolicyTestReport } from "@omnigraphdb/policy";
import { CONTROL_FLAGS } from "../addressing/flag-sets.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { readInputText } from "../input-source.js";
import { jsonDocument } from "../output/json.js";
import { compileSource, declarePolicySource, type PolicyFlags, policySource, testsFileOf } from "../policy-source.js";

interface PolicyTestFlags extends PolicyFlags {
  readonly tests?: string;
}

export const policyTestCommand: CommandDefinition<PolicyTestFlags> = {
  path: ["policy", "test"],
  capability: "control",
  summary: "run the test cases of a policy bundle",
  accepts: CONTROL_FLAGS,
  examples: ["omnigraph policy test --file ops/data.policy.yaml --tests ops/data.tests.yaml", "omnigraph policy test --cluster ./depot --graph orders --tests ops/data.tests.yaml"],
  declare(command) {
    command.option("--tests <FILE>", "file of test cases (default: policy.tests.yaml next to the bundle's file)");
    declarePolicySource(command);
  },
  async run(invocation) {
    const { io, flags } = invocation;
    const source = await policySource(invocation);
    const testsFile = testsFileOf(flags, source);
    const text = await readInputText(io, "--tests", testsFile);
    const { parsePolicyTests, runPolicyTests } = await import("@omnigraphdb/policy");
    using policy = await compileSource(source);
    const report = runPolicyTests(policy, parsePolicyTests(text, { source: testsFile }));
    const document = { policy: policy.name, cases: report.caseCount, failures: report.failures.map(({ id, expected, actual }) => ({ id, expected, actual })) };
    await io.stdout.write(flags.json === true ? jsonDocument(document) : reportText(report));
    return report.failures.length === 0 ? EXIT.success : EXIT.failure;
  },
};

function reportText({ caseCount, failures }: PolicyTestReport): string {
  const cases = `${caseCount} ${caseCount === 1 ? "case" : "cases"}`;
  if (failures.length === 0) return `${cases}: all as expected\n`;
  return [`${cases}: ${failures.length} not as expected`, ...failures.map(({ id, expected, actual }) => `  ${id}: expected ${expected}, got ${actual}`), ""].join("\n");
}
