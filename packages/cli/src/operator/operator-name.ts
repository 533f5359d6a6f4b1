import { UsageError } from "../errors.js";

const NAME = /^[A-Za-z0-9_.-]+$/;

/** What servers, clusters, profiles and aliases may be called (§3.2). */
export function isOperatorName(text: string): boolean {
  return NAME.test(text);
}

export const OPERATOR_NAME_RULE = "only ASCII letters, digits, '_', '-' and '.' may be part of a name";

/** The name of a server, given as argument. */
export function checkServerName(text: string): string {
  if (!isOperatorName(text)) throw new UsageError(`'${text}' cannot be the name of a server: ${OPERATOR_NAME_RULE}`, "Name a server of the operator configuration, not its URL.");
  return text;
}
