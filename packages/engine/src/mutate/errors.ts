import { OmniError, type ErrorCategory } from "@omnigraphdb/common";

/** A mutation both inserts or updates and deletes (MU-1, query MU-2). Refused before anything is read. */
export class MixedMutationError extends OmniError {
  readonly code = "MIXED_MUTATION";
  readonly category: ErrorCategory = "invalid";
  constructor(queryName: string) {
    super(`mutation '${queryName}' mixes inserts/updates and deletes; split into separate mutations: (1) inserts and updates, then (2) deletes`, {
      hint: "Run the inserts and updates first, then the deletes.",
    });
  }
}

/** An update assigns a key property (MU-4, W09). */
export class KeyUpdateError extends OmniError {
  readonly code = "KEY_UPDATE";
  readonly category: ErrorCategory = "invalid";
  constructor(typeName: string, property: string) {
    super(`cannot update @key property '${property}' — delete and re-insert instead (node type ${typeName})`, {
      hint: "The key is the identity of a node; insert a node with the new key and delete the old one.",
    });
  }
}

/** A value of a mutation does not fit its property (query MU-9, MU-21, MU-23). */
export class MutationValueError extends OmniError {
  readonly code = "MUTATION_VALUE_INVALID";
  readonly category: ErrorCategory = "invalid";
  readonly typeName: string;
  readonly property: string;
  constructor(typeName: string, property: string, problem: string) {
    super(`${typeName}.${property}: ${problem}`, { hint: "Correct the value; nothing of this mutation was applied." });
    this.typeName = typeName;
    this.property = property;
  }
  override get details(): Readonly<Record<string, unknown>> {
    return { type_name: this.typeName, property: this.property };
  }
}
