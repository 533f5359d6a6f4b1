import { must } from "@omnigraphdb/common";
import type { BoundBlock, BoundProjection, BoundQuery, StaticType } from "../binder/bound-query.js";
import type { Catalog } from "../catalog/catalog.js";
import type { Expression } from "../plan/expression.js";
import type { MutationStatement } from "../plan/mutation-plan.js";
import { describeValue, type ValueDescriptor } from "./value-kind.js";

export interface ResultColumnDescriptor extends ValueDescriptor {
  /** Alias, else a short name that differs from the column's on purpose (RS-2). */
  readonly name: string;
}

export interface TypeReference {
  readonly kind: "node" | "edge";
  readonly type_name: string;
}

/** What a checked query returns and touches, in the spelling of the wire (query specification §15.1). */
export interface OperationDescriptor {
  /** One entry per projection, in order; empty for mutations. */
  readonly result: readonly ResultColumnDescriptor[];
  /** Nodes before edges, then by name; no duplicates. */
  readonly reads: readonly TypeReference[];
  readonly writes: readonly TypeReference[];
}

export function describeOperation(query: BoundQuery, catalog: Catalog): OperationDescriptor {
  if (query.kind === "read") {
    const reads = new TypeSet();
    addBlock(query.block, reads);
    return { result: describeResult(query.projections), reads: reads.sorted(), writes: [] };
  }
  const reads = new TypeSet();
  const writes = new TypeSet();
  for (const statement of query.statements) addStatement(statement, catalog, reads, writes);
  return { result: [], reads: reads.sorted(), writes: writes.sorted() };
}

class TypeSet {
  readonly #nodes = new Set<string>();
  readonly #edges = new Set<string>();

  add(kind: TypeReference["kind"], name: string): void {
    (kind === "node" ? this.#nodes : this.#edges).add(name);
  }

  sorted(): TypeReference[] {
    const list = (kind: TypeReference["kind"], names: ReadonlySet<string>): TypeReference[] =>
      [...names].sort().map((type_name) => ({ kind, type_name }));
    return [...list("node", this.#nodes), ...list("edge", this.#edges)];
  }
}

function addBlock({ clauses }: BoundBlock, reads: TypeSet): void {
  for (const clause of clauses) {
    if (clause.kind === "Binding") reads.add("node", clause.variable.type.name);
    if (clause.kind === "Negation") addBlock(clause.block, reads);
    if (clause.kind !== "Traversal") continue;
    reads.add("edge", clause.edge.name);
    reads.add("node", clause.edge.source);
    reads.add("node", clause.edge.target);
  }
}

function addStatement(statement: MutationStatement, catalog: Catalog, reads: TypeSet, writes: TypeSet): void {
  const { type } = statement;
  switch (statement.kind) {
    case "InsertNode":
    case "Update":
      reads.add("node", type);
      writes.add("node", type);
      break;
    case "InsertEdge": {
      const edge = must(catalog.edgeTypeByName.get(type), "a checked statement names a declared type");
      reads.add("edge", type);
      reads.add("node", edge.source);
      reads.add("node", edge.target);
      writes.add("edge", type);
      break;
    }
    case "Delete": {
      const touched = statement.entity === "edge" ? [] : catalog.edgeTypes.filter(({ source, target }) => source === type || target === type);
      for (const set of [reads, writes]) {
        set.add(statement.entity, type);
        for (const edge of touched) set.add("edge", edge.name);
      }
      break;
    }
  }
}

function describeResult(projections: readonly BoundProjection[]): ResultColumnDescriptor[] {
  const aliases = new Map<string, ValueDescriptor>();
  return projections.map(({ expression, type, alias }) => {
    const described = expression.kind === "Alias" ? (aliases.get(expression.name) ?? UNKNOWN_ALIAS) : describeColumn(expression, type);
    if (alias !== undefined && !aliases.has(alias)) aliases.set(alias, described);
    return { name: alias ?? shortName(expression), ...described };
  });
}

const UNKNOWN_ALIAS: ValueDescriptor = { kind: "bigint", nullable: true };

function describeColumn(expression: Expression, type: StaticType): ValueDescriptor {
  // The value of a node variable is its id, a string; `object` is what readers of descriptors expect (EX-45).
  if (type.kind === "node") return { kind: "object", nullable: false };
  if (type.kind === "alias") return UNKNOWN_ALIAS;
  if (expression.kind === "Aggregate" && expression.argument.kind === "Variable" && expression.function !== "count") {
    return expression.function === "min" || expression.function === "max" ? { kind: "object", nullable: true } : { kind: "float", nullable: true };
  }
  return describeValue(type.type);
}

/** RS-2. */
function shortName(expression: Expression): string {
  switch (expression.kind) {
    case "Property":
      return expression.property;
    case "Variable":
      return expression.variable;
    case "Parameter":
    case "Alias":
      return expression.name;
    case "Literal":
      return "literal";
    case "Now":
      return "now";
    case "Aggregate":
    case "TextPredicate":
      return expression.function;
    case "Nearest":
    case "Bm25":
    case "Rrf":
      return expression.kind.toLowerCase();
  }
}
