/** Remembers which file a source text was read from, so that diagnostics can point into it. */
export class SourceNames {
  readonly #names = new Map<string, string>();

  register(source: string, name: string): string {
    this.#names.set(source, name);
    return source;
  }

  nameOf(source: string): string | undefined {
    return this.#names.get(source);
  }
}
