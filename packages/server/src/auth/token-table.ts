import { createHash, timingSafeEqual } from "node:crypto";

interface Entry {
  readonly actor: string;
  readonly hash: Buffer;
}

/**
 * Who a bearer token stands for (policy.md 1.4). Holds hashes only: what it was made from is not kept, so that no log line, message
 * or heap of this object can show a token.
 */
export class TokenTable {
  static readonly empty: TokenTable = new TokenTable([]);
  readonly #entries: readonly Entry[];

  /** @param tokens pairs of actor and token, checked before: no blanks, no repetition */
  constructor(tokens: Iterable<readonly [actor: string, token: string]>) {
    this.#entries = Array.from(tokens, ([actor, token]) => ({ actor, hash: hashOf(token) })).sort((a, b) => (a.actor < b.actor ? -1 : 1));
  }

  get isEmpty(): boolean {
    return this.#entries.length === 0;
  }

  get actorCount(): number {
    return this.#entries.length;
  }

  /** Compares with every entry, in constant time each: how long it takes says nothing about the token (policy.md 1.4.2). */
  actorOf(token: string): string | undefined {
    const presented = hashOf(token);
    let actor: string | undefined;
    for (const entry of this.#entries) {
      if (timingSafeEqual(entry.hash, presented)) actor = entry.actor;
    }
    return actor;
  }
}

function hashOf(token: string): Buffer {
  return createHash("sha256").update(token, "utf8").digest();
}
