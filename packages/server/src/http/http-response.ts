/** Absent: null. */
export type ResponseBody = string | Uint8Array | ReadableStream<Uint8Array> | null;

export interface HttpResponseInit {
  /** Default 200. */
  readonly status?: number;
  /** Names in lower case. Owned by the response, which may add to them. */
  readonly headers?: Record<string, string>;
}

/**
 * What a handler answers. The built-in `Response` makes a stream of every text and an object of every header, which costs more than a quick
 * query does.
 */
export class HttpResponse {
  readonly body: ResponseBody;
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Record<string, string>;

  constructor(body: ResponseBody, { status = 200, headers = {} }: HttpResponseInit = {}) {
    this.body = body;
    this.status = status;
    this.headers = headers;
  }

  toStandard(): Response {
    return new Response(this.body, { status: this.status, headers: this.headers });
  }
}
