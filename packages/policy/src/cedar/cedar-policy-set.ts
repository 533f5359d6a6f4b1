import { randomUUID } from "node:crypto";
import { PolicyEvaluationError } from "@omnigraphdb/common";
import type { AuthorizationAnswer, EntityJson, PolicySet, TypeAndId } from "@cedar-policy/cedar-wasm/nodejs";
import type { PolicyBundle } from "../bundle/policy-bundle.js";
import { PolicyBundleError } from "../errors.js";
import { cedarModule } from "./cedar-module.js";
import { CEDAR_SCHEMA, type CedarContext } from "./cedar-vocabulary.js";
import type { TranslatedRules } from "./translate-rules.js";

export interface CedarRequest {
  readonly principal: TypeAndId;
  readonly action: TypeAndId;
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

/** The policies of one bundle for one graph, parsed and kept by Cedar until it is disposed. */
export class CedarPolicySet implements Disposable {
  #name: string | undefined;

  private constructor(name: string) {
    this.#name = name;
  }

  /** @throws PolicyBundleError when Cedar does not accept the policies (§4.4) */
  static parse({ source }: PolicyBundle, { policies }: TranslatedRules): CedarPolicySet {
    const cedar = cedarModule();
    const set: PolicySet = { ...EMPTY, staticPolicies: policies };
    const answer = cedar.validate({ schema: CEDAR_SCHEMA, policies: set, validationSettings: { mode: "strict" } });
    // Warnings about policies are about unusual spellings of identifiers only, which names in a bundle may have.
    const problems = answer.type === "failure" ? [...answer.errors, ...answer.warnings] : [...answer.validationErrors.map(({ error }) => error), ...answer.otherWarnings];
    refuse(source, problems);
    if (!isSchemaParsed) {
      refuseFailure(source, cedar.preparseSchema(SCHEMA_NAME, CEDAR_SCHEMA));
      isSchemaParsed = true;
    }
    const name = freeNames.pop() ?? `${NAME_PREFIX}-${nameCount++}`;
    refuseFailure(source, cedar.preparsePolicySet(name, set));
    return new CedarPolicySet(name);
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
    cedarModule().preparsePolicySet(this.#name, EMPTY);
    freeNames.push(this.#name);
    this.#name = undefined;
  }

  #ask(name: string, { context, ...request }: CedarRequest): AuthorizationAnswer {
    try {
      return cedarModule().statefulIsAuthorized({ ...request, context: { ...context }, preparsedPolicySetId: name, preparsedSchemaName: SCHEMA_NAME, validateRequest: true });
    } catch (error) {
      throw new PolicyEvaluationError(error instanceof Error ? error.message : String(error), error);
    }
  }
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
