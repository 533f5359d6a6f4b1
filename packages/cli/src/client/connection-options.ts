import { type ConnectionOptions, type FetchLike, patientFetch } from "@omnigraphdb/client";
import { debugRequested } from "../environment.js";
import type { Io } from "../io.js";

export interface ServerAddress {
  readonly baseUrl: string;
  readonly token: string | undefined;
  /** Milliseconds until an answer must have arrived; undefined = no limit. */
  readonly timeoutMs?: number | undefined;
}

/** How this process talks to a server. With `OMNIGRAPH_DEBUG` every request is shown on stderr, without its headers and body. */
export function connectionOptions(io: Io, { baseUrl, token, timeoutMs }: ServerAddress): ConnectionOptions {
  return { baseUrl, token, timeoutMs, signal: io.signal, fetch: debugRequested(io.env) ? tracedFetch(io) : undefined };
}

function tracedFetch({ stderr }: Io): FetchLike {
  return async (url, init) => {
    const startedAt = performance.now();
    const show = (outcome: string): Promise<void> => stderr.write(`debug: ${init.method ?? "GET"} ${url}: ${outcome} after ${Math.round(performance.now() - startedAt)} ms\n`);
    try {
      const response = await patientFetch(url, init);
      await show(`status ${response.status}`);
      return response;
    } catch (error) {
      await show("no answer");
      throw error;
    }
  };
}
