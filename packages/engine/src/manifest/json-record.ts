/** Why a stored JSON document was refused; the caller turns it into its own error. */
export class JsonShapeError extends Error {
  override readonly name = "JsonShapeError";
}

/** Typed access to the members of one stored JSON object. Every accessor throws {@link JsonShapeError} on another shape. */
export class JsonRecord {
  readonly #members: Readonly<Record<string, unknown>>;

  constructor(value: unknown) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new JsonShapeError("not a JSON object");
    this.#members = value as Record<string, unknown>;
  }

  static parse(text: string): JsonRecord {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new JsonShapeError(error instanceof Error ? error.message : "malformed JSON");
    }
    return new JsonRecord(value);
  }

  has(name: string): boolean {
    return this.#members[name] !== undefined && this.#members[name] !== null;
  }

  text(name: string): string {
    const value = this.#members[name];
    if (typeof value !== "string") throw new JsonShapeError(`member '${name}' is not a string`);
    return value;
  }

  textOrNull(name: string): string | null {
    return this.has(name) ? this.text(name) : null;
  }

  /** A non-negative integer that a JavaScript number holds exactly. */
  count(name: string): number {
    const value = this.#members[name];
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
      throw new JsonShapeError(`member '${name}' is not a non-negative integer`);
    }
    return value;
  }

  countOrNull(name: string): number | null {
    return this.has(name) ? this.count(name) : null;
  }

  isTrue(name: string): boolean {
    return this.#members[name] === true;
  }

  /** A 64-bit identity, stored as a decimal string because JSON numbers are not exact there. */
  identity(name: string): bigint {
    const value = this.text(name);
    if (!/^[1-9][0-9]{0,19}$/.test(value)) throw new JsonShapeError(`member '${name}' is not an identity`);
    return BigInt(value);
  }

  record(name: string): JsonRecord {
    return new JsonRecord(this.#members[name]);
  }

  recordOrNull(name: string): JsonRecord | null {
    return this.has(name) ? this.record(name) : null;
  }

  /** An absent member is an empty list. */
  records(name: string): readonly JsonRecord[] {
    return this.#list(name).map((item) => new JsonRecord(item));
  }

  texts(name: string): readonly string[] {
    return this.#list(name).map((item) => {
      if (typeof item !== "string") throw new JsonShapeError(`member '${name}' holds something other than strings`);
      return item;
    });
  }

  #list(name: string): readonly unknown[] {
    const value = this.#members[name] ?? [];
    if (!Array.isArray(value)) throw new JsonShapeError(`member '${name}' is not a list`);
    return value;
  }
}
