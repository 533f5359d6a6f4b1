import type { Json } from "@omnigraphdb/common";
import { annotationToJson, constraintToJson, propertyTypeToJson } from "../catalog/shape-json.js";
import type { MigrationStep } from "./migration-step.js";

/** JSON form of a step, members in the order of §14.2. */
export function migrationStepToJson(step: MigrationStep): Json {
  switch (step.kind) {
    case "add_type":
      return { kind: step.kind, type_kind: step.typeKind, name: step.name };
    case "rename_type":
      return { kind: step.kind, type_kind: step.typeKind, from: step.from, to: step.to };
    case "add_property":
      return {
        kind: step.kind,
        type_kind: step.typeKind,
        type_name: step.typeName,
        property_name: step.propertyName,
        property_type: propertyTypeToJson(step.propertyType),
      };
    case "rename_property":
      return { kind: step.kind, type_kind: step.typeKind, type_name: step.typeName, from: step.from, to: step.to };
    case "add_constraint":
    case "update_index":
      return { kind: step.kind, type_kind: step.typeKind, type_name: step.typeName, constraint: constraintToJson(step.constraint) };
    case "extend_enum":
      return {
        kind: step.kind,
        type_kind: step.typeKind,
        type_name: step.typeName,
        property_name: step.propertyName,
        added_values: step.addedValues,
      };
    case "update_type_metadata":
      return { kind: step.kind, type_kind: step.typeKind, name: step.name, annotations: step.annotations.map(annotationToJson) };
    case "update_property_metadata":
      return {
        kind: step.kind,
        type_kind: step.typeKind,
        type_name: step.typeName,
        property_name: step.propertyName,
        annotations: step.annotations.map(annotationToJson),
      };
    case "drop_type":
      return { kind: step.kind, type_kind: step.typeKind, name: step.name, mode: step.mode };
    case "drop_property":
      return { kind: step.kind, type_kind: step.typeKind, type_name: step.typeName, property_name: step.propertyName, mode: step.mode };
    case "unsupported_change": {
      const base = { kind: step.kind, entity: step.entity, reason: step.reason };
      return step.code === undefined ? base : { ...base, code: step.code };
    }
  }
}
