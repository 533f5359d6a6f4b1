import type { Io } from "../io.js";
import { TOKEN_VARIABLE_PREFIX } from "../operator/token-variable.js";

/** Who somebody is, and where their own files are, never comes from a checkout (operator configuration §1.3). */
const PERSONAL = new Set(["HOME", "USERPROFILE", "OMNIGRAPH_HOME", "OMNIGRAPH_PROFILE"]);

const PROVIDER_ADDRESSES = new Set(["OMNIGRAPH_EMBED_BASE_URL", "OMNIGRAPH_GEMINI_BASE_URL"]);
const PROVIDER_KEYS = ["OPENROUTER_API_KEY", "OPENAI_API_KEY", "GEMINI_API_KEY"];

/** Prefixes of variables that hold secrets for something other than a graph of a checkout. */
const SECRET_PREFIXES = [TOKEN_VARIABLE_PREFIX, "OMNIGRAPH_SERVER_", "AWS_"];

/** Whether a checkout may not have the variable's value sent anywhere (§7.3). */
export function isPersonalSecret(variable: string): boolean {
  return PROVIDER_KEYS.includes(variable) || SECRET_PREFIXES.some((prefix) => variable.startsWith(prefix));
}

/** The environment, with what `auth.env_file` says about variables that are unset or blank (§10.6), as far as a checkout may say it. */
export function legacyEnvironment(env: Io["env"], variables: ReadonlyMap<string, string>): Io["env"] {
  // A key of the person's own must not go to an address that the checkout chose.
  const hasOwnKey = PROVIDER_KEYS.some((name) => isSet(env[name]));
  const isForeign = (name: string): boolean => PERSONAL.has(name) || name.startsWith(TOKEN_VARIABLE_PREFIX) || (hasOwnKey && PROVIDER_ADDRESSES.has(name));
  const added = [...variables].filter(([name]) => !isSet(env[name]) && !isForeign(name));
  return { ...env, ...Object.fromEntries(added) };
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value.trim() !== "";
}
