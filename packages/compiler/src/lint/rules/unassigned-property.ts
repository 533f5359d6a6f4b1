import { must } from "@omnigraphdb/common";
import type { Catalog, NodeType } from "../../catalog/catalog.js";
import type { MutationStatement } from "../../plan/mutation-plan.js";
import type { LintFinding } from "../lint-queries.js";

export interface CheckedMutation {
  readonly name: string;
  readonly statements: readonly MutationStatement[];
}

/**
 * L201: of each node type with an update, the nullable properties that no update assigns. Keys cannot be assigned and
 * embedding targets are filled by the engine.
 */
export function findUnassignedProperties(mutations: readonly CheckedMutation[], catalog: Catalog): LintFinding[] {
  const updates = new Map<string, { readonly assigned: Set<string>; readonly queries: Set<string> }>();
  for (const { name, statements } of mutations) {
    for (const statement of statements) {
      if (statement.kind !== "Update") continue;
      const update = updates.get(statement.type) ?? { assigned: new Set(), queries: new Set() };
      updates.set(statement.type, update);
      update.queries.add(name);
      for (const { property } of statement.assignments) update.assigned.add(property);
    }
  }
  return [...updates.keys()].sort().flatMap((typeName) => {
    const type = must(catalog.nodeTypeByName.get(typeName), "updates are of node types");
    const { assigned, queries } = must(updates.get(typeName), "the key came from the map");
    return settableProperties(type)
      .filter((property) => !assigned.has(property))
      .map((property) => unassigned(typeName, property, [...queries].sort()));
  });
}

/** Ascending by name, as the catalog lists them. */
function settableProperties(type: NodeType): string[] {
  const keys = new Set(type.key.map(({ name }) => name));
  return type.properties.filter(({ name, type: { isNullable }, embed }) => isNullable && !keys.has(name) && embed === null).map(({ name }) => name);
}

function unassigned(type: string, property: string, queries: readonly string[]): LintFinding {
  const names = queries.map((name) => `'${name}'`).join(", ");
  return {
    severity: "warning",
    code: "L201",
    message: `no update of '${type}' assigns '${property}' (updates: ${names})`,
    type_name: type,
    property,
    query_names: queries,
  };
}
