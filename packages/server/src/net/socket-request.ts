import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type HttpRequest, type RequestHeaders, targetOf } from "../http/http-request.js";
import { connectionSignal } from "./connection-signal.js";
import { MalformedRequestError } from "./refuse-malformed.js";

/** A request of a connection. */
export class SocketRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  readonly #incoming: IncomingMessage;
  readonly #outgoing: ServerResponse;
  readonly #socket: Socket;

  /** @throws MalformedRequestError for a target or a host that no URL can have */
  constructor(incoming: IncomingMessage, outgoing: ServerResponse) {
    this.#incoming = incoming;
    this.#outgoing = outgoing;
    this.#socket = incoming.socket;
    this.method = incoming.method ?? "GET";
    this.headers = new RawHeaders(incoming.rawHeaders);
    this.target = readTarget(incoming.url ?? "/", this.headers.get("host") ?? "");
  }

  get signal(): AbortSignal {
    return connectionSignal(this.#socket);
  }

  get isAborted(): boolean {
    return this.#socket.destroyed;
  }

  get isBodyWhole(): boolean {
    return this.#incoming.complete;
  }

  get breakConnection(): () => void {
    return () => void this.#outgoing.destroy();
  }

  /** Of a request that announces a length. */
  async bytes(): Promise<Uint8Array> {
    const incoming = this.#incoming;
    // A body that came in one piece with its head is there as soon as the parser is done with it: no event has to be waited for.
    if (!incoming.complete) await endOfTurn();
    if (!incoming.complete) return readToEnd(incoming);
    const bytes = (incoming.read() as Buffer | null) ?? NOTHING;
    if (bytes.length !== Number(incoming.headers["content-length"] ?? 0)) throw broken();
    return bytes;
  }

  chunks(): AsyncIterable<Uint8Array> {
    // Destroying it would close the connection before the answer is out.
    return this.#incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  }
}

const NOTHING = new Uint8Array();

let turn: Promise<void> | undefined;

/** When everything that has arrived on any connection by now is parsed. */
function endOfTurn(): Promise<void> {
  turn ??= new Promise((resolve) => {
    setImmediate(() => {
      turn = undefined;
      resolve();
    });
  });
  return turn;
}

function readToEnd(incoming: IncomingMessage): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    // Everything that would tell has happened.
    if (incoming.destroyed) return reject(broken());
    const chunks: Buffer[] = [];
    incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
    incoming.once("end", () => resolve(chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks)));
    incoming.once("error", reject);
    incoming.once("close", () => reject(broken()));
  });
}

function broken(): Error {
  return new Error("the connection ended within the body");
}

/**
 * Read from the lines themselves: the parser's own record drops all but one of `Authorization` and others that must not be given twice, and
 * which one is taken is no matter of luck.
 */
class RawHeaders implements RequestHeaders {
  /** Names and values in turn. */
  readonly #lines: readonly string[];

  constructor(lines: readonly string[]) {
    this.#lines = lines;
  }

  get(name: string): string | null {
    let joined: string | null = null;
    for (let at = 0; at < this.#lines.length; at += 2) {
      const given = this.#lines[at] as string;
      if (given.length !== name.length || (given !== name && given.toLowerCase() !== name)) continue;
      const value = this.#lines[at + 1] as string;
      joined = joined === null ? value : `${joined}, ${value}`;
    }
    return joined;
  }
}

/** Nothing in it that a URL would write otherwise. */
const PLAIN_TARGET = /^\/[!#$&-;=?-[\]_a-z~]*$/;
const DOT_SEGMENT = /\/\.\.?(?:[/?#]|$)/;
const PLAIN_HOST = /^[a-z0-9._-]+(?::[1-9]\d{0,3}|:[1-5]\d{4})?$/;
/** What may stand in `Host`. Anything else could become part of the path. */
const HOST = /^[\w.~%:[\]-]*$/;

/** @param host all that were given: two of them are none */
function readTarget(url: string, host: string): string {
  if (!PLAIN_HOST.test(host)) refuseHost(host);
  if (PLAIN_TARGET.test(url) && !DOT_SEGMENT.test(url)) return url;
  const isAbsolute = url.startsWith("http://") || url.startsWith("https://");
  const path = url.split("?", 1)[0] as string;
  // Browsers and their standard take it for a slash; the matcher of routes would not.
  if (path.includes("\\") || (!isAbsolute && !url.startsWith("/"))) throw malformed();
  const written = isAbsolute ? url : `http://localhost${url}`;
  if (!URL.canParse(written)) throw malformed();
  return targetOf(new URL(written).href);
}

/** HTTP/1.0 has no such header, and it may be empty. */
function refuseHost(host: string): void {
  if (host === "") return;
  if (!HOST.test(host) || !URL.canParse(`http://${host}`)) throw malformed();
  const { hostname } = new URL(`http://${host}`);
  // Written as the standard writes it, apart from the port and letters' case: else it means another host than it shows.
  if (hostname.length !== host.length && hostname !== host.replace(/:\d+$/, "").toLowerCase()) throw malformed();
}

function malformed(): MalformedRequestError {
  return new MalformedRequestError(400, "the target or the Host header of the request is malformed");
}
