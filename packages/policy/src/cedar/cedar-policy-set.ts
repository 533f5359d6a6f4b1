import { randomUUID } from "node:crypto";
import { type PolicyAction, PolicyEvaluationError } from "@omnigraphdb/common";
import type { AuthorizationAnswer, EntityJson, PolicySet, StaticPolicySet, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import type { PolicyBundle } from "../bundle/policy-bundle.js";
import { PolicyBundleError } from "../errors.js";
import { cedarModule } from "./cedar-module.js";
import { actionUid, CEDAR_SCHEMA, type CedarContext } from "./cedar-vocabulary.js";
import type { TranslatedRules } from "./translate-rules.js";

export interface CedarRequest {
  readonly principal: TypeAndId;
  readonly action: PolicyAction;
  readonly resource: TypeAndId;
  readonly context: CedarContext;
  readonly entities: EntityJson[];
}

export interface CedarAnswer {
  readonly isAllowed: boolean;
  /** Ids of the policies that decided. */
  readonly reasons: readonly string[];
}

/** Cedar's cache of parsed policies is shared by everything in the process that loads it, so our names in it are nobody else's. */
const NAME_PREFIX = `omnigraph-${randomUUID()}`;
const SCHEMA_NAME = `${NAME_PREFIX}-schema`;
const EMPTY: PolicySet = { staticPolicies: {}, templates: {}, templateLinks: [] };

/** Names whose policies were let go of. Entries of the cache cannot be removed, only replaced, so names are used again. */
const freeNames: string[] = [];
let nameCount = 0;
let isSchemaParsed = false;

/**
 * The policies of one bundle for one graph, parsed and kept by Cedar until it is disposed. Those of each action are a set of their own:
 * Cedar looks at every policy of a set.
 */
export class CedarPolicySet implements Disposable {
  readonly #actions: readonly PolicyAction[];
  #name: string | undefined;

  private constructor(name: string, actions: readonly PolicyAction[]) {
    this.#name = name;
    this.#actions = actions;
  }

  /** @throws PolicyBundleError when Cedar does not accept the policies (§4.4) */
  static parse({ source }: PolicyBundle, { policiesOf }: TranslatedRules): CedarPolicySet {
    const cedar = cedarModule();
    refuse(source, problemsOf(Object.assign({}, ...policiesOf.values()) as StaticPolicySet));
    if (!isSchemaParsed) {
      refuseFailure(source, cedar.preparseSchema(SCHEMA_NAME, CEDAR_SCHEMA));
      isSchemaParsed = true;
    }
    const name = freeNames.pop() ?? `${NAME_PREFIX}-${nameCount++}`;
    for (const [action, policies] of policiesOf) refuseFailure(source, cedar.preparsePolicySet(setName(name, action), { ...EMPTY, staticPolicies: policies }));
    return new CedarPolicySet(name, [...policiesOf.keys()]);
  }

  /** @throws PolicyEvaluationError */
  evaluate(request: CedarRequest): CedarAnswer {
    if (this.#name === undefined) throw new PolicyEvaluationError("the policy is not in use any more");
    const answer = this.#ask(this.#name, request);
    if (answer.type === "failure") throw new PolicyEvaluationError(messages(answer.errors));
    const { decision, diagnostics } = answer.response;
    if (diagnostics.errors.length > 0) throw new PolicyEvaluationError(messages(diagnostics.errors.map(({ error }) => error)));
    return { isAllowed: decision === "allow", reasons: diagnostics.reason };
  }

  [Symbol.dispose](): void {
    if (this.#name === undefined) return;
    for (const action of this.#actions) cedarModule().preparsePolicySet(setName(this.#name, action), EMPTY);
    freeNames.push(this.#name);
    this.#name = undefined;
  }

  #ask(name: string, { action, context, ...request }: CedarRequest): AuthorizationAnswer {
    const policies = { preparsedPolicySetId: setName(name, action), preparsedSchemaName: SCHEMA_NAME, validateRequest: true };
    try {
      return cedarModule().statefulIsAuthorized({ ...request, action: actionUid(action), context: { ...context }, ...policies });
    } catch (error) {
      throw new PolicyEvaluationError(error instanceof Error ? error.message : String(error), error);
    }
  }
}

function problemsOf(staticPolicies: StaticPolicySet): readonly CedarProblem[] {
  const answer = cedarModule().validate({ schema: CEDAR_SCHEMA, policies: { ...EMPTY, staticPolicies }, validationSettings: { mode: "strict" } });
  // Warnings about policies are about unusual spellings of identifiers only, which names in a bundle may have.
  return answer.type === "failure" ? [...answer.errors, ...answer.warnings] : [...answer.validationErrors.map(({ error }) => error), ...answer.otherWarnings];
}

function setName(name: string, action: PolicyAction): string {
  return `${name}-${action}`;
}

interface CedarProblem {
  readonly message: string;
}

function refuseFailure(source: string, answer: { type: "success" } | { type: "failure"; errors: readonly CedarProblem[] }): void {
  if (answer.type === "failure") refuse(source, answer.errors);
}

/** These have no place: the text was in order, and still Cedar does not take what it was translated to. */
function refuse(source: string, problems: readonly CedarProblem[]): void {
  if (problems.length > 0) throw new PolicyBundleError(source, problems.map(({ message }) => ({ message: `Cedar does not accept it: ${message}`, line: 1, column: 1 })));
}

function messages(problems: readonly CedarProblem[]): string {
  return problems.map(({ message }) => message).join("; ");
}
