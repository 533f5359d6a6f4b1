import { LegacyFileError } from "./errors.js";

/** A mapping of the file. Absent, null and empty values read as absent; wrong types throw {@link LegacyFileError}. */
export class LegacySection {
  readonly #path: string;
  /** Dotted, empty at the top. */
  readonly #key: string;
  readonly #values: Readonly<Record<string, unknown>>;

  constructor(path: string, key: string, values: Readonly<Record<string, unknown>>) {
    this.#path = path;
    this.#key = key;
    this.#values = values;
  }

  string(name: string): string | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string") throw this.wrong(name, "a string");
    return value.trim() === "" ? undefined : value;
  }

  requiredString(name: string): string {
    const value = this.string(name);
    if (value === undefined) throw new LegacyFileError(this.#path, `'${this.#dotted(name)}' is missing`);
    return value;
  }

  positiveInteger(name: string): number | undefined {
    const value = this.#value(name);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 1) throw this.wrong(name, "an integer from 1 on");
    return value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.#value(name);
    if (value !== undefined && typeof value !== "boolean") throw this.wrong(name, "true or false");
    return value;
  }

  strings(name: string): readonly string[] {
    const value = this.#value(name);
    if (value === undefined) return [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === "string")) throw this.wrong(name, "a list of strings");
    return value;
  }

  section(name: string): LegacySection {
    const value = this.#value(name);
    if (value === undefined) return new LegacySection(this.#path, this.#dotted(name), {});
    if (typeof value !== "object" || Array.isArray(value)) throw this.wrong(name, "a mapping");
    return new LegacySection(this.#path, this.#dotted(name), value as Readonly<Record<string, unknown>>);
  }

  /** Names of the file's own, each with a mapping. */
  members<T>(name: string, parse: (section: LegacySection, member: string) => T): ReadonlyMap<string, T> {
    const section = this.section(name);
    return new Map(Object.keys(section.#values).map((member) => [member, parse(section.section(member), member)]));
  }

  /** Paths to all values below, empty ones too. */
  leaves(): readonly (readonly string[])[] {
    return leavesOf(this.#values);
  }

  wrong(name: string, expected: string): LegacyFileError {
    return new LegacyFileError(this.#path, `'${this.#dotted(name)}' must be ${expected}`);
  }

  #dotted(name: string): string {
    return this.#key === "" ? name : `${this.#key}.${name}`;
  }

  #value(name: string): unknown {
    const value = Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
    return value === null ? undefined : value;
  }
}

function leavesOf(values: Readonly<Record<string, unknown>>): readonly (readonly string[])[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const isSection = typeof value === "object" && value !== null && !Array.isArray(value) && Object.keys(value).length > 0;
    return isSection ? leavesOf(value as Readonly<Record<string, unknown>>).map((rest) => [name, ...rest]) : [[name]];
  });
}
