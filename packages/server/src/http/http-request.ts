/** What a handler needs to know of a request, whether it came by a connection or from inside the process. */

export interface RequestHeaders {
  /** Lines of one name are joined by commas. @param name in lower case */
  get(name: string): string | null;
}

export interface HttpRequest {
  readonly method: string;
  /** Path and query string, as the caller wrote them; dot segments are resolved. */
  readonly target: string;
  readonly headers: RequestHeaders;
  /** Aborted when the caller goes away. */
  readonly signal: AbortSignal;
  /** Whether the caller went away; asks nobody who does not know already. */
  readonly isAborted: boolean;
  /** All of the body has arrived; true for a request that came by no connection. */
  readonly isBodyWhole: boolean;
  /** Destroys the connection: how a body that began and cannot go on ends over HTTP/1.1. Undefined for a request that came by none. */
  readonly breakConnection: (() => void) | undefined;
  /** The whole body, once. Rejects when it breaks off. */
  bytes(): Promise<Uint8Array>;
  /** The body as it arrives, once, at the reader's pace. Throws when it breaks off; a reader that stops early ends nothing. */
  chunks(): AsyncIterable<Uint8Array>;
}

/** A standard request, from inside the process. */
export class WebRequest implements HttpRequest {
  readonly method: string;
  readonly target: string;
  readonly headers: RequestHeaders;
  readonly isBodyWhole = true;
  readonly breakConnection = undefined;
  readonly #request: Request;

  constructor(request: Request) {
    this.#request = request;
    this.method = request.method;
    this.target = targetOf(request.url);
    this.headers = request.headers;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  get isAborted(): boolean {
    return this.signal.aborted;
  }

  async bytes(): Promise<Uint8Array> {
    return new Uint8Array(await this.#request.arrayBuffer());
  }

  async *chunks(): AsyncGenerator<Uint8Array, void> {
    const reader = this.#request.body?.getReader() as ReadableStreamDefaultReader<Uint8Array> | undefined;
    if (reader === undefined) return;
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  }
}

/** Path and query string of an absolute URL. */
export function targetOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  return start === -1 ? "/" : url.slice(start);
}
