import type { Catalog, Constraint, EntityType } from "@omnigraphdb/compiler";
import { must } from "@omnigraphdb/common";
import { checkRule, type PatternSearch } from "./check-rule.js";
import { enumRule } from "./enum-rule.js";
import { rangeRule } from "./range-rule.js";
import type { ValueRule } from "./value-rule.js";

/** A `@unique` group: its columns sorted by name, `src` and `dst` included. The key is not here: it is the id. */
export interface UniqueGroup {
  /** `T.p` or `T.(p, q)`. */
  readonly label: string;
  readonly columns: readonly string[];
}

/** What the schema demands of the rows of one type, compiled once per catalog. */
export interface TypeRules {
  readonly values: readonly ValueRule[];
  readonly uniqueGroups: readonly UniqueGroup[];
}

export type CatalogRules = ReadonlyMap<string, TypeRules>;

const rulesByCatalog = new WeakMap<Catalog, Promise<CatalogRules>>();

/** Rules by type key. The pattern engine is loaded when some type has a `@check`. */
export function compileRules(catalog: Catalog): Promise<CatalogRules> {
  let rules = rulesByCatalog.get(catalog);
  if (rules === undefined) {
    rules = compileAll(catalog);
    rulesByCatalog.set(catalog, rules);
  }
  return rules;
}

async function compileAll(catalog: Catalog): Promise<CatalogRules> {
  const types: readonly EntityType[] = [...catalog.edgeTypes, ...catalog.nodeTypes];
  const hasPatterns = types.some((type) => type.constraints.some((constraint) => constraint.kind === "check"));
  const compilePattern = hasPatterns ? await loadPatternCompiler() : undefined;
  const rules = new Map<string, TypeRules>();
  for (const type of types) {
    rules.set(type.typeKey, { values: valueRules(type, compilePattern), uniqueGroups: uniqueGroups(type) });
  }
  return rules;
}

type PatternCompiler = (pattern: string) => PatternSearch;

async function loadPatternCompiler(): Promise<PatternCompiler> {
  const { RE2JS } = await import("re2js");
  return (pattern) => {
    const compiled = RE2JS.compile(pattern);
    return (text) => compiled.matcher(text).find();
  };
}

function valueRules(type: EntityType, compilePattern: PatternCompiler | undefined): readonly ValueRule[] {
  const rules: ValueRule[] = [];
  for (const property of type.properties) {
    const { enumValues } = property.type;
    if (enumValues !== undefined) rules.push(enumRule(type, property, enumValues, rules.length));
  }
  for (const constraint of ofKind(type, "range")) {
    rules.push(rangeRule(type, constraint.field, constraint.min, constraint.max, rules.length));
  }
  for (const constraint of ofKind(type, "check")) {
    const search = must(compilePattern, "a type with @check needs the pattern engine")(constraint.pattern);
    rules.push(checkRule(type, constraint.field, constraint.pattern, search, rules.length));
  }
  return rules;
}

function uniqueGroups(type: EntityType): readonly UniqueGroup[] {
  const groups = new Map<string, UniqueGroup>();
  for (const constraint of ofKind(type, "unique")) {
    const columns = [...constraint.fields].sort();
    const label = `${type.name}.${columns.length === 1 ? (columns[0] as string) : `(${columns.join(", ")})`}`;
    groups.set(label, { label, columns });
  }
  return [...groups.values()];
}

function ofKind<K extends Constraint["kind"]>(type: EntityType, kind: K): readonly Extract<Constraint, { kind: K }>[] {
  return type.constraints.filter((constraint): constraint is Extract<Constraint, { kind: K }> => constraint.kind === kind);
}
