export type Environment = Readonly<Record<string, string | undefined>>;

/** Blank is unset. */
export function present(env: Environment, name: string): string | undefined {
  const value = env[name]?.trim();
  return value === "" ? undefined : value;
}

/** On when, after trimming, neither empty nor `0` nor `false` (server.md 1.1). */
export function isOn(env: Environment, name: string): boolean {
  const value = present(env, name);
  return value !== undefined && value !== "0" && value.toLowerCase() !== "false";
}

/** A variable that was ignored, for the log. */
export interface IgnoredVariable {
  readonly name: string;
  readonly value: string;
  readonly default: number;
}

/** Numbers out of variables: one that is none keeps the default, and is noted (server.md 9.1). */
export class NumberReader {
  readonly #env: Environment;
  readonly ignored: IgnoredVariable[] = [];

  constructor(env: Environment) {
    this.#env = env;
  }

  read(name: string, fallback: number, min = 0): number {
    const text = present(this.#env, name);
    if (text === undefined) return fallback;
    const value = wholeNumber(text);
    if (value !== undefined && value >= min) return value;
    this.ignored.push({ name, value: text, default: fallback });
    return fallback;
  }
}

function wholeNumber(text: string): number | undefined {
  const value = Number(text);
  return /^[0-9]+$/.test(text) && Number.isSafeInteger(value) ? value : undefined;
}
