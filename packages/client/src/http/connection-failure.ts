import type { ConnectionFailure } from "../errors.js";

/** Codes of Node.js and its `fetch`, by what they mean for the caller. Other runtimes give none: then the connection was lost. */
const FAILURE_OF_CODE: Readonly<Record<string, ConnectionFailure>> = {
  ENOTFOUND: "name_not_found",
  EAI_AGAIN: "name_not_found",
  UND_ERR_CONNECT_TIMEOUT: "timeout",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
  UNABLE_TO_GET_ISSUER_CERT: "tls",
};

/** These also end a connection that was made, and then the request may have arrived. */
const FAILURE_OF_CONNECT: Readonly<Record<string, ConnectionFailure>> = {
  ECONNREFUSED: "refused",
  EHOSTUNREACH: "unreachable",
  ENETUNREACH: "unreachable",
  EADDRNOTAVAIL: "unreachable",
  ETIMEDOUT: "timeout",
};

const TLS_CODE = /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO$)/;
/** Of the parser of answers. */
const SYNTAX_CODE = /^HPE_(?!INVALID_EOF_STATE)/;

/** What the rejection of a `fetch` means, and whether the request cannot have arrived. */
export function classifyRejection(error: unknown): { readonly failure: ConnectionFailure; readonly isUnsent: boolean } {
  const causes = causesOf(error) as readonly NodeJS.ErrnoException[];
  if (causes.some(({ code = "" }) => SYNTAX_CODE.test(code))) return { failure: "not_http", isUnsent: false };
  const failure = causes.map(failureOf).find((found) => found !== undefined);
  if (failure !== undefined) return { failure, isUnsent: true };
  return isBlockedPort(error) ? { failure: "blocked", isUnsent: true } : { failure: "lost", isUnsent: false };
}

/** Ports of other protocols, such as 25, to which no `fetch` connects. Tells so in words only. */
function isBlockedPort(error: unknown): boolean {
  return error instanceof Error && error.cause instanceof Error && error.cause.message === "bad port";
}

function failureOf({ code = "", syscall }: NodeJS.ErrnoException): ConnectionFailure | undefined {
  if (syscall === "connect" && code in FAILURE_OF_CONNECT) return FAILURE_OF_CONNECT[code];
  return FAILURE_OF_CODE[code] ?? (TLS_CODE.test(code) ? "tls" : undefined);
}

/** The error, its causes and what an aggregate holds (both address families were tried). */
function causesOf(error: unknown, depth = 0): readonly Error[] {
  if (!(error instanceof Error) || depth > CAUSE_DEPTH_MAX) return [];
  const inner = error instanceof AggregateError ? error.errors : [error.cause];
  return [error, ...inner.flatMap((cause) => causesOf(cause, depth + 1))];
}

const CAUSE_DEPTH_MAX = 8;
