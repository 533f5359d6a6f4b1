import { readFile } from "node:fs/promises";
import { parseDocument } from "yaml";
import { type Environment, present } from "../boot/environment.js";
import { TokenSourceError } from "../boot/errors.js";
import { readAwsSecret } from "./aws-secret.js";
import { TokenTable } from "./token-table.js";

const SINGLE = "OMNIGRAPH_SERVER_BEARER_TOKEN";
const FILE = "OMNIGRAPH_SERVER_BEARER_TOKENS_FILE";
const INLINE = "OMNIGRAPH_SERVER_BEARER_TOKENS_JSON";
const AWS = "OMNIGRAPH_SERVER_BEARER_TOKENS_AWS_SECRET";

/** Whom the single token stands for. */
const DEFAULT_ACTOR = "default";

export interface LoadedTokens {
  readonly table: TokenTable;
  /** Name of the source in logs; undefined: no source is configured. */
  readonly source: "aws-secrets-manager" | "env-or-file" | undefined;
}

/**
 * Reads the tokens once, at start (policy.md §1).
 *
 * @param readSecret for the AWS source; the default loads the optional client
 * @throws TokenSourceError naming the variable, never a token
 */
export async function loadTokens(env: Environment, readSecret: (id: string, variable: string) => Promise<string> = readAwsSecret): Promise<LoadedTokens> {
  const secretId = present(env, AWS);
  if (secretId !== undefined) {
    const tokens = new TokenCollector();
    tokens.addObject(AWS, "the secret", await readSecret(secretId, AWS));
    return { table: tokens.finish(), source: "aws-secrets-manager" };
  }
  const tokens = new TokenCollector();
  const file = present(env, FILE);
  const inline = present(env, INLINE);
  if (file !== undefined) tokens.addObject(FILE, `the file ${file}`, await readTokenFile(file));
  else if (inline !== undefined) tokens.addObject(INLINE, "the value", inline);
  const single = present(env, SINGLE);
  if (single !== undefined) tokens.add(SINGLE, DEFAULT_ACTOR, single);
  const isConfigured = file !== undefined || inline !== undefined || single !== undefined;
  return { table: tokens.finish(), source: isConfigured ? "env-or-file" : undefined };
}

async function readTokenFile(file: string): Promise<string> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    throw new TokenSourceError(FILE, `the file ${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? "unknown"})`, "Name a readable JSON file of actors and tokens.");
  }
}

const SHAPE = 'Give a JSON object such as {"svc-billing": "<token>"}.';

class TokenCollector {
  readonly #tokenOf = new Map<string, string>();
  readonly #actorOf = new Map<string, string>();

  addObject(variable: string, what: string, text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      // The parser's own message shows a piece of the text.
      throw new TokenSourceError(variable, `${what} is not JSON`, SHAPE);
    }
    if (typeof value !== "object" || value === null || Array.isArray(value)) throw new TokenSourceError(variable, `${what} is not a JSON object`, SHAPE);
    if (hasRepeatedKey(text)) throw new TokenSourceError(variable, `${what} names an actor twice`, "Leave one entry per actor.");
    for (const [actor, token] of Object.entries(value)) {
      if (typeof token !== "string") throw new TokenSourceError(variable, `the token of actor '${actor.trim()}' in ${what} is not a text`, SHAPE);
      this.add(variable, actor, token);
    }
  }

  add(variable: string, givenActor: string, givenToken: string): void {
    const actor = givenActor.trim();
    const token = givenToken.trim();
    if (actor === "") throw new TokenSourceError(variable, "an actor is blank", "Give every token an actor.");
    if (token === "") throw new TokenSourceError(variable, `the token of actor '${actor}' is blank`, "Give the actor a token or remove it.");
    if (this.#tokenOf.has(actor)) throw new TokenSourceError(variable, `actor '${actor}' has two tokens`, `Leave one. ${SINGLE} is the token of actor '${DEFAULT_ACTOR}'.`);
    const other = this.#actorOf.get(token);
    if (other !== undefined) throw new TokenSourceError(variable, `actors '${other}' and '${actor}' have the same token`, "Give every actor a token of its own.");
    this.#tokenOf.set(actor, token);
    this.#actorOf.set(token, actor);
  }

  finish(): TokenTable {
    return new TokenTable(this.#tokenOf);
  }
}

/** JSON.parse silently keeps the last of several members of one name; JSON is also YAML, whose parser does not. */
function hasRepeatedKey(text: string): boolean {
  return parseDocument(text, { uniqueKeys: true, logLevel: "silent" }).errors.some(({ code }) => code === "DUPLICATE_KEY");
}
