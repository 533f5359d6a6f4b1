import { OmniError, type ErrorCategory, type OmniErrorOptions } from "@omnigraphdb/common";

/** Which integrity rule a row breaks (schema specification §19.5, §19.7). */
export type ConstraintKind = "enum" | "range" | "check" | "unique" | "endpoint" | "cardinality";

/** The write would leave an entity that breaks a rule of the schema. Nothing was written. */
export class ConstraintViolationError extends OmniError {
  readonly code = "CONSTRAINT_VIOLATION";
  readonly category: ErrorCategory = "invalid";
  readonly kind: ConstraintKind;
  readonly typeKey: string;
  readonly entityId: string;
  constructor(kind: ConstraintKind, typeKey: string, entityId: string, message: string, options: OmniErrorOptions = {}) {
    super(message, { hint: "Correct the value, or change the rule in the schema; nothing of this write was applied.", ...options });
    this.kind = kind;
    this.typeKey = typeKey;
    this.entityId = entityId;
  }
  override get details(): Readonly<Record<string, unknown>> {
    return { kind: this.kind, type_key: this.typeKey, entity_id: this.entityId };
  }
}

/** A strict insert met an id that exists already, or came twice (LD-41, LD-44). */
export class KeyConflictError extends OmniError {
  readonly code = "KEY_CONFLICT";
  readonly category: ErrorCategory = "conflict";
  readonly typeKey: string;
  readonly entityId: string;
  constructor(typeKey: string, entityId: string, message: string) {
    super(message, { hint: "Load with mode merge to replace existing entities, or remove the record." });
    this.typeKey = typeKey;
    this.entityId = entityId;
  }
  override get retryable(): boolean {
    return false;
  }
  override get details(): Readonly<Record<string, unknown>> {
    const [kind, name] = this.typeKey.split(":", 2);
    return { entity_kind: kind, type_name: name, entity_id: this.entityId };
  }
}

/** Two different ids of one type have the same 64-bit hash (DG-6). */
export class HashCollisionError extends OmniError {
  readonly code = "HASH_COLLISION";
  readonly category: ErrorCategory = "conflict";
  readonly typeKey: string;
  readonly entityIds: readonly [string, string];
  constructor(typeKey: string, entityIds: readonly [string, string]) {
    super(`the ids '${entityIds[0]}' and '${entityIds[1]}' of ${typeKey} have the same hash`, { hint: "Choose another id for one of the two entities." });
    this.typeKey = typeKey;
    this.entityIds = entityIds;
  }
  override get retryable(): boolean {
    return false;
  }
  override get details(): Readonly<Record<string, unknown>> {
    return { type_key: this.typeKey, entity_ids: this.entityIds };
  }
}

/** The schema demands something of a type that this engine cannot check. */
export class UnsupportedConstraintError extends OmniError {
  readonly code = "UNSUPPORTED_CONSTRAINT";
  readonly category: ErrorCategory = "invalid";
  constructor(message: string) {
    super(message, { hint: "Remove the property from the @unique constraint." });
  }
}
