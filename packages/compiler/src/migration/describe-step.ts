import type { Annotation } from "../catalog/catalog.js";
import { displayType, type PropertyType } from "../types/property-type.js";
import { tierOf } from "./migration-codes.js";
import type { IndexConstraint, MigrationStep } from "./migration-step.js";

/** The display name of §4, except that enums read `Enum(a|b)` (§15.2). */
function typeText(type: PropertyType): string {
  if (type.enumValues === undefined) return displayType(type);
  return `Enum(${type.enumValues.join("|")})${type.isNullable ? "?" : ""}`;
}

/** As they are written in a schema; none when they are the default ones. */
function settingTexts({ text }: IndexConstraint): string[] {
  return Object.entries(text ?? {}).map(([name, value]) => `${name}=${JSON.stringify(value)}`);
}

function annotationsText(annotations: readonly Annotation[]): string {
  return annotations.map(({ name, value }) => `@${name}("${value ?? ""}")`).join(", ");
}

/** One line of a plan's text, without the leading dash (§15.2). */
export function describeMigrationStep(step: MigrationStep): string {
  switch (step.kind) {
    case "add_type":
      return `add ${step.typeKind} type '${step.name}'`;
    case "rename_type":
      return `rename ${step.typeKind} type '${step.from}' -> '${step.to}'`;
    case "add_property":
      return `add property '${step.typeName}.${step.propertyName}' (${typeText(step.propertyType)}) on ${step.typeKind} '${step.typeName}'`;
    case "rename_property":
      return `rename property '${step.typeName}.${step.from}' -> '${step.typeName}.${step.to}' on ${step.typeKind} '${step.typeName}'`;
    case "add_constraint": {
      const fields = "fields" in step.constraint ? step.constraint.fields : [step.constraint.field];
      const settings = "text" in step.constraint ? settingTexts(step.constraint) : [];
      return `add constraint @${step.constraint.kind}(${[...fields, ...settings].join(", ")}) on ${step.typeKind} '${step.typeName}'`;
    }
    case "update_index": {
      const { fields } = step.constraint;
      return `change index to @index(${[...fields, ...settingTexts(step.constraint)].join(", ")}) on ${step.typeKind} '${step.typeName}'`;
    }
    case "extend_enum":
      return `extend enum '${step.typeName}.${step.propertyName}' (${step.addedValues.map((value) => `+${value}`).join(", ")}) on ${step.typeKind} '${step.typeName}'`;
    case "update_type_metadata":
      return `update metadata on ${step.typeKind} '${step.name}' (${annotationsText(step.annotations)})`;
    case "update_property_metadata":
      return `update metadata on property '${step.typeName}.${step.propertyName}' of ${step.typeKind} '${step.typeName}' (${annotationsText(step.annotations)})`;
    case "drop_type":
      return `drop ${step.typeKind} type '${step.name}' (${step.mode} mode)`;
    case "drop_property":
      return `drop property '${step.typeName}.${step.propertyName}' of ${step.typeKind} '${step.typeName}' (${step.mode} mode)`;
    case "unsupported_change": {
      const code = step.code === undefined ? "" : ` [${step.code}, ${tierOf(step.code)}]`;
      return `unsupported change on ${step.entity}${code}: ${step.reason}`;
    }
  }
}
