import { type Effects, type ErrorCategory, OmniError } from "@omnigraphdb/common";

export const MAYBE_WRITTEN_HINT = "Look at the newest commit of the branch: the write may have happened.";

/** What was given as the address of a server is none. */
export class InvalidServerAddressError extends OmniError {
  readonly code = "INVALID_SERVER_ADDRESS";
  readonly category: ErrorCategory = "invalid";

  constructor(address: string, reason: string) {
    super(`'${address}' is not the address of a server: ${reason}`, { hint: "Give one such as https://graphs.example.com or http://127.0.0.1:8080/graphs/crm." });
  }
}

/** A name that no URL path can carry, so it cannot name anything on a server: it is empty, `.` or `..`. */
export class UnroutableNameError extends OmniError {
  readonly code = "UNROUTABLE_NAME";
  readonly category: ErrorCategory = "invalid";

  /** @param collection segment of the path before it */
  constructor(name: string, collection?: string) {
    const { text, hint } = missing(name, collection);
    super(text, { hint });
  }
}

/** In the words of the engine, by the segment of the path before the name. */
function missing(name: string, collection: string | undefined): { readonly text: string; readonly hint: string } {
  switch (collection) {
    case "branches":
      if (name === "") return { text: "branch name cannot be empty", hint: "Use the name of a branch, or leave it out for main." };
      return { text: `branch '${name}' not found`, hint: "Check the name of the branch; `branch list` shows which exist." };
    case "commits":
      return { text: `commit '${name}' not found`, hint: "List the commits to see which ids exist." };
    default:
      return { text: `'${name}' names nothing on a server`, hint: "Give the name of something that exists." };
  }
}

/** A request that has no form over HTTP, or contradicts itself. Nothing was sent. */
export class InvalidRequestError extends OmniError {
  readonly code = "INVALID_CLIENT_REQUEST";
  readonly category: ErrorCategory = "invalid";
}

/** The token cannot be sent in a header. Its text is in no message. */
export class InvalidTokenError extends OmniError {
  readonly code = "INVALID_TOKEN";
  readonly category: ErrorCategory = "invalid";

  constructor() {
    super("the token is empty or has characters that no HTTP header may hold", { hint: "Give the token as it was issued: printable ASCII without spaces." });
  }
}

/** Why no connection came about, or why it ended. */
export type ConnectionFailure = "refused" | "name_not_found" | "unreachable" | "blocked" | "tls" | "timeout" | "lost" | "not_http" | "gateway";

const FAILURE_TEXT: Readonly<Record<ConnectionFailure, { readonly text: string; readonly hint: string }>> = {
  refused: { text: "nothing listens there", hint: "Start the server, or correct the host and port of its address." },
  name_not_found: { text: "its host name does not resolve", hint: "Correct the host name, or look at the name service of this machine." },
  unreachable: { text: "the host cannot be reached", hint: "Look at the network between this machine and the server." },
  blocked: { text: "its port belongs to another protocol, so no connection is made", hint: "Let the server listen on another port." },
  tls: { text: "no trusted TLS connection came about", hint: "Check the certificate of the server; NODE_EXTRA_CA_CERTS names a file with your own authority. A server without TLS has an address with http://." },
  timeout: { text: "the host did not answer in time", hint: "Look at the network and the load of the server, then try again." },
  lost: { text: "the connection ended before the answer was complete", hint: "Look at the server's log, then try again." },
  not_http: { text: "what it sent is no HTTP", hint: "Check the port of its address, and whether it begins with https." },
  gateway: { text: "a gateway in front of it could not reach it", hint: "Look at the gateway and the server behind it." },
};

interface ServerConnectionContext {
  readonly effects: Effects;
  readonly cause?: unknown;
  /** Replaces the general text of the reason. */
  readonly detail?: string;
}

/**
 * No complete answer came from the server. `effects` is `possible` when the request was a write that may have arrived: then read the
 * newest commit before sending it again.
 */
export class ServerConnectionError extends OmniError {
  readonly code = "SERVER_CONNECTION";
  readonly category: ErrorCategory = "unavailable";
  readonly reason: ConnectionFailure;
  /** Scheme, host and port. */
  readonly origin: string;

  constructor(origin: string, reason: ConnectionFailure, { effects, cause, detail }: ServerConnectionContext) {
    const hint = effects === "possible" ? MAYBE_WRITTEN_HINT : FAILURE_TEXT[reason].hint;
    super(`no complete answer from ${origin}: ${detail ?? FAILURE_TEXT[reason].text}`, { effects, hint, cause });
    this.origin = origin;
    this.reason = reason;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { origin: this.origin, reason: this.reason };
  }
}

/** Something answered that is no OmniGraph server: a web page, nothing, or JSON of another service. */
export class UnexpectedAnswerError extends OmniError {
  readonly code = "UNEXPECTED_ANSWER";
  readonly category: ErrorCategory = "unavailable";

  constructor(origin: string, status: number, what: string, effects: Effects, cause?: unknown) {
    super(`${origin} answered with status ${status} and ${what}`, {
      hint: "Check that the address is that of an OmniGraph server of a compatible version, path included.",
      effects,
      cause,
    });
  }

  override get retryable(): boolean {
    return false;
  }
}

/** The time limit of a call passed. */
export class CallTimeoutError extends OmniError {
  readonly code = "CALL_TIMEOUT";
  readonly category: ErrorCategory = "cancelled";
  /** Milliseconds. */
  readonly timeoutMs: number;

  constructor(timeoutMs: number, effects: Effects) {
    super(`no answer within ${timeoutMs} ms`, {
      hint: effects === "possible" ? MAYBE_WRITTEN_HINT : "Allow more time, or ask for less.",
      effects,
    });
    this.timeoutMs = timeoutMs;
  }
}

/** A client that was disposed is used again. */
export class ClientDisposedError extends OmniError {
  readonly code = "CLIENT_DISPOSED";
  readonly category: ErrorCategory = "invalid";

  constructor() {
    super("this client was disposed", { hint: "Create a new one." });
  }
}

/** An embedded graph has no registry of stored queries; a server has (§12). */
export class StoredQueriesUnavailableError extends OmniError {
  readonly code = "STORED_QUERIES_UNAVAILABLE";
  readonly category: ErrorCategory = "invalid";

  constructor() {
    super("a graph opened from its storage has no stored queries", { hint: "Address the graph through a server, or give the query text." });
  }
}
