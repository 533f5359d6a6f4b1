import type { Catalog } from "../catalog/catalog.js";
import type { ParameterDeclaration } from "../plan/query-plan.js";
import type { Span } from "../source/span.js";
import type { BoundVariable } from "./bound-query.js";
import type { VariableNames } from "./variable-names.js";

export interface DeclaredParameter extends ParameterDeclaration {
  readonly span: Span;
}

/** What is the same in every block of one query. */
export class QueryContext {
  readonly catalog: Catalog;
  readonly parameters: ReadonlyMap<string, DeclaredParameter>;
  /** Variables of the whole query by plan name, those of `not` blocks included. */
  readonly variables: Map<string, BoundVariable> = new Map();
  #anonymousCount = 0;

  constructor(catalog: Catalog, parameters: ReadonlyMap<string, DeclaredParameter>) {
    this.catalog = catalog;
    this.parameters = parameters;
  }

  /** A name that no source can spell, for one anonymous endpoint. */
  anonymousName(): string {
    this.#anonymousCount += 1;
    return `_#${this.#anonymousCount}`;
  }
}

/** Variables bound so far, by written name: textual scoping with the enclosing blocks behind (CK-2). */
export class Scope {
  readonly context: QueryContext;
  readonly names: VariableNames;
  readonly #parent: Scope | undefined;
  readonly #variables = new Map<string, BoundVariable>();

  constructor(context: QueryContext, names: VariableNames, parent?: Scope) {
    this.context = context;
    this.names = names;
    this.#parent = parent;
  }

  find(sourceName: string): BoundVariable | undefined {
    return this.#variables.get(sourceName) ?? this.#parent?.find(sourceName);
  }

  /** Whether a block around this one has bound the variable already. */
  isBoundOutside(sourceName: string): boolean {
    return this.#parent?.find(sourceName) !== undefined;
  }

  add(variable: BoundVariable): BoundVariable {
    this.#variables.set(variable.sourceName, variable);
    this.context.variables.set(variable.name, variable);
    return variable;
  }

  /** Written names of all visible variables, for suggestions. */
  visibleNames(): string[] {
    return [...new Set([...this.#variables.keys(), ...(this.#parent?.visibleNames() ?? [])])];
  }
}
