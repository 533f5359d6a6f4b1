import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** A value of the operator's `config.yaml` is unusable, or the file cannot be read. Names the file and, where there is one, line and column. */
export class OperatorConfigError extends OmniError {
  readonly code = "OPERATOR_CONFIG_INVALID";
  readonly category: ErrorCategory = "invalid";
  constructor(place: string, problem: string, cause?: unknown) {
    super(`${place}: ${problem}`, { hint: "Correct the file; with OMNIGRAPH_HOME set to an empty folder it is not read at all.", cause });
  }
}

/** A name that should be defined in the operator's `config.yaml` is not (§5.5). */
export class UnknownOperatorNameError extends OmniError {
  readonly code = "UNKNOWN_OPERATOR_NAME";
  readonly category: ErrorCategory = "invalid";
  /** @param section of the file: `servers`, `profiles`, `aliases` */
  constructor(subject: string, section: string, defined: Iterable<string>, path: string | undefined) {
    const otherwise = section === "servers" ? "; a URL begins with http:// or https://" : "";
    super(`${subject} is not defined; ${definedNames(section, defined)}`, { hint: `Define it under '${section}:' in ${path ?? "the config.yaml of OMNIGRAPH_HOME"}${otherwise}.` });
  }
}

/** What there is, for whoever mistyped a name. */
export function definedNames(section: string, defined: Iterable<string>): string {
  const names = [...defined].sort();
  return names.length === 0 ? `no ${section} are defined` : `defined: ${names.join(", ")}`;
}

/** A profile does not name exactly one of a server, a cluster and a store (operator configuration §3.4). */
export class ProfileInvalidError extends OmniError {
  readonly code = "PROFILE_INVALID";
  readonly category: ErrorCategory = "invalid";
  constructor(profile: string, problem: string) {
    super(`profile '${profile}' ${problem}`, { hint: "Give the profile exactly one of server, cluster and store." });
  }
}

/** An operator alias cannot be called the way it was (operator configuration §8.6). */
export class AliasError extends OmniError {
  readonly code = "ALIAS_INVALID";
  readonly category: ErrorCategory = "invalid";
}

/** There is no folder for personal files (operator configuration §2.3). */
export class NoOperatorHomeError extends OmniError {
  readonly code = "NO_OPERATOR_HOME";
  readonly category: ErrorCategory = "invalid";
  constructor(file: string) {
    super(`there is no folder for '${file}': neither OMNIGRAPH_HOME nor a home folder is set`, { hint: "Set OMNIGRAPH_HOME to a folder of your own." });
  }
}

/** The credentials file cannot be used. Its content is never part of the message. */
export class CredentialsFileError extends OmniError {
  readonly code = "CREDENTIALS_FILE_UNUSABLE";
  readonly category: ErrorCategory = "invalid";
}

/** A token that cannot be stored. The token is never part of the message. */
export class TokenInvalidError extends OmniError {
  readonly code = "TOKEN_INVALID";
  readonly category: ErrorCategory = "invalid";
}
