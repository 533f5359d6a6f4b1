import { type Clock, systemClock } from "@omnigraphdb/common";
import { patientFetch } from "./patient-fetch.js";
import { checkPolicy, type RetryPolicy } from "./retry.js";
import { type FetchLike, type TokenSource, Transport } from "./transport.js";
import { parseBaseUrl } from "./url.js";

export interface ConnectionOptions {
  /** Of a server: scheme, host and port, and a path where it is mounted on one. Of a graph: that and `/graphs/<id>`, unless the server has only one. */
  readonly baseUrl: string;
  /** A bearer token, or a function that yields the current one for every request. It is sent nowhere but to `baseUrl`. */
  readonly token?: TokenSource;
  /** Milliseconds until an answer must have arrived, of exports and blobs until it begins. Default: no limit. */
  readonly timeoutMs?: number | undefined;
  /** Default: nothing is sent again by itself. */
  readonly retry?: RetryPolicy | undefined;
  /** Aborting it ends every call. */
  readonly signal?: AbortSignal | undefined;
  /** Instead of {@link patientFetch}. It must not follow redirects when told not to. */
  readonly fetch?: FetchLike | undefined;
  /** Port for waiting between attempts. */
  readonly clock?: Clock | undefined;
  /** Port for the jitter of waits: from 0 to below 1. */
  readonly random?: (() => number) | undefined;
}

/** What a client sends through, and how it stops doing so. */
export interface Connection {
  readonly transport: Transport;
  /** Ends the calls that still run, and refuses further ones. */
  dispose(): void;
}

/** @throws InvalidServerAddressError, InvalidRequestError for options that contradict themselves */
export function connect({ baseUrl, token, fetch = patientFetch, timeoutMs, retry, signal, clock = systemClock, random = Math.random }: ConnectionOptions): Connection {
  checkPolicy(retry);
  const disposal = new AbortController();
  const retrier = { policy: retry, clock, random };
  const transport = new Transport({ baseUrl: parseBaseUrl(baseUrl), token, fetch, timeoutMs, signal, retrier, disposed: disposal.signal });
  return { transport, dispose: () => disposal.abort() };
}
