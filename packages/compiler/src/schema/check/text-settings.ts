/** Settings of text indexes: rules P51–P53. */
import type { Diagnostic } from "../../diagnostics/diagnostic.js";
import { displayType } from "../../types/property-type.js";
import { textAnalysisName } from "../../types/text-analysis.js";
import type { ResolvedEdge, ResolvedNode, ResolvedProperty } from "../resolved-schema.js";
import { type ConstraintNode, constraintsOf } from "../schema-ast.js";
import { readTextSettings, settingProblem } from "../text-settings.js";
import { problem } from "./problem.js";

export function checkTextSettings(owner: ResolvedNode | ResolvedEdge, properties: ReadonlyMap<string, ResolvedProperty>): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  /** The first index with settings, by property. */
  const first = new Map<string, ConstraintNode>();
  for (const constraint of constraintsOf(owner.declaration)) {
    if (constraint.keywords.length === 0) continue;
    const found = checkSettings(owner, properties, constraint);
    diagnostics.push(...found);
    const [property] = constraint.arguments;
    if (found.length > 0 || property?.kind !== "NameArgument") continue;
    const other = first.get(property.value);
    if (other === undefined) first.set(property.value, constraint);
    else if (textAnalysisName(readTextSettings(other.keywords)) !== textAnalysisName(readTextSettings(constraint.keywords))) {
      const related = [{ span: other.span, message: "other settings here" }];
      const hint = "a property is searched in one way: keep one of them";
      diagnostics.push(problem("P53", `two indexes of ${owner.name}.${property.value} have different text settings`, constraint.span, { related, hint }));
    }
  }
  return diagnostics;
}

function checkSettings(owner: ResolvedNode | ResolvedEdge, properties: ReadonlyMap<string, ResolvedProperty>, constraint: ConstraintNode): Diagnostic[] {
  const misplaced = misplacement(owner, properties, constraint);
  if (misplaced !== undefined) {
    const hint = 'text settings stand on the index of one String property of a node: @index(title, language="german")';
    return [problem("P51", misplaced, constraint.keywords[0]?.span ?? constraint.span, { hint })];
  }
  const start = constraint.keywords[0]?.span.start ?? 0;
  const late = constraint.arguments.find((argument) => argument.span.start > start);
  if (late !== undefined) return [problem("P51", "settings stand after the property", late.span, { hint: 'as in @index(title, language="german")' })];
  return constraint.keywords.flatMap((keyword) => {
    const found = settingProblem(keyword, constraint.keywords);
    return found === undefined ? [] : [problem("P52", found.message, keyword.span, { hint: found.hint })];
  });
}

function misplacement(owner: ResolvedNode | ResolvedEdge, properties: ReadonlyMap<string, ResolvedProperty>, { name, arguments: written }: ConstraintNode): string | undefined {
  if (name !== "index") return `@${name} has no settings`;
  if (owner.kind === "edge") return `the text of edge properties is not searched: edge ${owner.name}`;
  const names = new Set(written.flatMap((argument) => (argument.kind === "NameArgument" ? [argument.value] : [])));
  if (names.size !== 1) return "an index over several properties has no settings";
  const property = properties.get([...names][0] ?? "");
  // An unknown property is a problem of its own.
  if (property === undefined) return undefined;
  const { type } = property;
  const isText = type.base.kind === "String" && !type.isList && type.enumValues === undefined;
  return isText ? undefined : `${owner.name}.${property.name} of type ${displayType(type)} has no text settings`;
}
