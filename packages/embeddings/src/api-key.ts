/** A secret that shows itself to nobody who does not ask: not in logs, not in JSON, not in messages. */
export class ApiKey {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The key itself, for the header of a request. */
  reveal(): string {
    return this.#text;
  }

  /** `text` without the key, wherever a provider repeats it. */
  redact(text: string): string {
    return text.replaceAll(this.#text, "…");
  }

  toString(): string {
    return "[api key]";
  }

  toJSON(): string {
    return this.toString();
  }
}
