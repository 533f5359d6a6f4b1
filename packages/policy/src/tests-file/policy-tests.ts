import { type Authorizer, POLICY_ACTIONS, type PolicyRequest } from "@omnigraphdb/common";
import { checkVersion } from "../bundle/parse-policy-bundle.js";
import { PolicyTestsError } from "../errors.js";
import { type Place, YamlReader } from "../yaml/yaml-reader.js";

export type PolicyExpectation = "allow" | "deny";

export interface PolicyTestCase {
  readonly id: string;
  readonly actor: string;
  readonly request: PolicyRequest;
  readonly expect: PolicyExpectation;
}

export interface PolicyTestFailure {
  readonly id: string;
  readonly expected: PolicyExpectation;
  readonly actual: PolicyExpectation;
}

export interface PolicyTestReport {
  readonly caseCount: number;
  /** In the order of the file. */
  readonly failures: readonly PolicyTestFailure[];
}

const EXPECTATIONS: readonly PolicyExpectation[] = ["allow", "deny"];

/**
 * Reads the test cases of a policy (policy specification §8).
 *
 * @param source what the file is called in messages
 * @throws PolicyTestsError with everything that is wrong, each with its line and column
 */
export function parsePolicyTests(text: string, { source }: { readonly source: string }): readonly PolicyTestCase[] {
  const reader = new YamlReader(text);
  if (reader.problems.length > 0) throw new PolicyTestsError(source, reader.problems);
  const members = reader.members(reader.root, ["version", "cases"]);
  checkVersion(reader, members?.get("version"), members === undefined);
  const place = members?.get("cases");
  if (members !== undefined && place === undefined) reader.report(reader.root, "cases are missing");
  const items = place === undefined ? [] : (reader.list(place) ?? []);
  const ids = new Set<string>();
  const cases = items.flatMap((item) => readCase(reader, item, ids) ?? []);
  if (reader.problems.length > 0) throw new PolicyTestsError(source, reader.problems);
  return cases;
}

/** Asks every case. @throws PolicyEvaluationError */
export function runPolicyTests(policy: Authorizer, cases: readonly PolicyTestCase[]): PolicyTestReport {
  const failures = cases.flatMap(({ id, actor, request, expect: expected }) => {
    const actual: PolicyExpectation = policy.decide(actor, request).isAllowed ? "allow" : "deny";
    return actual === expected ? [] : [{ id, expected, actual }];
  });
  return { caseCount: cases.length, failures };
}

function readCase(reader: YamlReader, place: Place, ids: Set<string>): PolicyTestCase | undefined {
  const members = reader.members(place, ["id", "actor", "action", "branch", "target_branch", "expect"]);
  if (members === undefined) return undefined;
  for (const name of ["id", "actor", "action", "expect"] as const) {
    if (!members.has(name)) reader.report(place, `${place.name} has no member '${name}'`);
  }
  const read = <T>(name: "id" | "actor" | "action" | "branch" | "target_branch" | "expect", reading: (member: Place) => T | undefined): T | undefined => {
    const member = members.get(name);
    return member === undefined ? undefined : reading(member);
  };
  const text = (member: Place): string | undefined => reader.text(member);
  const id = read("id", text);
  const idPlace = members.get("id");
  if (id !== undefined && idPlace !== undefined) {
    if (ids.has(id)) reader.report(idPlace, `two cases have the id '${id}'`);
    ids.add(id);
  }
  const actor = read("actor", text);
  const action = read("action", (member) => reader.choice(member, POLICY_ACTIONS));
  const branch = read("branch", text);
  const targetBranch = read("target_branch", text);
  const expect = read("expect", (member) => reader.choice(member, EXPECTATIONS));
  if (id === undefined || actor === undefined || action === undefined || expect === undefined) return undefined;
  const request = { action, ...(branch === undefined ? {} : { branch }), ...(targetBranch === undefined ? {} : { targetBranch }) };
  return { id, actor, request, expect };
}
