import type { ConnectionFailure } from "../errors.js";

/** Codes of Node.js and its `fetch`, by what they mean for the caller. Other runtimes give none: then the connection was lost. */
const FAILURE_OF_CODE: Readonly<Record<string, ConnectionFailure>> = {
  ECONNREFUSED: "refused",
  ENOTFOUND: "name_not_found",
  EAI_AGAIN: "name_not_found",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
  UNABLE_TO_GET_ISSUER_CERT: "tls",
};

const TLS_CODE = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$)/;

/** What the rejection of a `fetch` means, and whether the request cannot have arrived. */
export function classifyRejection(error: unknown): { readonly failure: ConnectionFailure; readonly isUnsent: boolean } {
  const failure = codesOf(error).flatMap((code) => FAILURE_OF_CODE[code] ?? (TLS_CODE.test(code) ? ["tls" as const] : []))[0];
  if (failure !== undefined) return { failure, isUnsent: true };
  return isBlockedPort(error) ? { failure: "blocked", isUnsent: true } : { failure: "lost", isUnsent: false };
}

/** Ports of other protocols, such as 25, to which no `fetch` connects. Tells so in words only. */
function isBlockedPort(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message === "bad port";
}

/** Of the error, its causes and what an aggregate holds (both address families were tried). */
function codesOf(error: unknown, depth = 0): readonly string[] {
  if (!(error instanceof Error) || depth > CAUSE_DEPTH_MAX) return [];
  const { code } = error as NodeJS.ErrnoException;
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [...(typeof code === "string" ? [code] : []), ...inner.flatMap((cause) => codesOf(cause, depth + 1))];
}

const CAUSE_DEPTH_MAX = 8;
