/** A value of a JSON file does not have the shape the format asks for. `place` is a dotted path. */
export class JsonShapeError extends Error {
  constructor(place: string, problem: string) {
    super(place === "" ? problem : `'${place}' ${problem}`);
  }
}

/** Reads the members of one JSON object and notices which ones nobody asked for. */
export class JsonMembers {
  readonly #place: string;
  readonly #members: ReadonlyMap<string, unknown>;
  readonly #asked = new Set<string>();

  constructor(value: unknown, place = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new JsonShapeError(place, "is not an object");
    this.#place = place;
    this.#members = new Map(Object.entries(value));
  }

  placeOf(name: string): string {
    return this.#place === "" ? name : `${this.#place}.${name}`;
  }

  /** Null counts as absent. */
  optional<T>(name: string, read: (value: unknown, place: string) => T): T | undefined {
    this.#asked.add(name);
    const value = this.#members.get(name) ?? undefined;
    return value === undefined ? undefined : read(value, this.placeOf(name));
  }

  required<T>(name: string, read: (value: unknown, place: string) => T): T {
    const value = this.optional(name, read);
    if (value === undefined) throw new JsonShapeError(this.placeOf(name), "is missing");
    return value;
  }

  /** Every member, name by name: for maps whose keys are data. */
  map<T>(read: (value: unknown, place: string) => T): ReadonlyMap<string, T> {
    return new Map([...this.#members].map(([name, value]) => [name, read(value, this.placeOf(name))]));
  }

  /** @throws JsonShapeError naming a member that the format does not have */
  end(): void {
    for (const name of this.#members.keys()) {
      if (!this.#asked.has(name)) throw new JsonShapeError(this.placeOf(name), "is not known to this version");
    }
  }
}

export function readText(value: unknown, place: string): string {
  if (typeof value !== "string") throw new JsonShapeError(place, "is not a text");
  return value;
}

export function readFlag(value: unknown, place: string): boolean {
  if (typeof value !== "boolean") throw new JsonShapeError(place, "is not true or false");
  return value;
}

export function readCount(value: unknown, place: string): number {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) throw new JsonShapeError(place, "is not a whole number");
  return value;
}

export function readList<T>(read: (value: unknown, place: string) => T): (value: unknown, place: string) => readonly T[] {
  return (value, place) => {
    if (!Array.isArray(value)) throw new JsonShapeError(place, "is not a list");
    return value.map((item, index) => read(item, `${place}[${index}]`));
  };
}

export function readOneOf<T extends string>(...allowed: readonly T[]): (value: unknown, place: string) => T {
  return (value, place) => {
    const found = allowed.find((each) => each === value);
    if (found === undefined) throw new JsonShapeError(place, `is none of ${allowed.join(", ")}`);
    return found;
  };
}

/** An object with named members; a member that `read` does not ask for is refused. */
export function readStrict<T>(read: (members: JsonMembers) => T): (value: unknown, place: string) => T {
  return (value, place) => {
    const members = new JsonMembers(value, place);
    const result = read(members);
    members.end();
    return result;
  };
}
