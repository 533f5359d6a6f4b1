import { decodeGraphs, decodeHealth, type GraphInfo, type HealthInfo } from "@omnigraphdb/api-types";
import type { CallOptions, GraphClient } from "../graph-client.js";
import { ClientDisposedError } from "../errors.js";
import { connect, type Connection, type ConnectionOptions } from "./connection.js";
import { HttpGraphClient } from "./http-graph-client.js";
import { composeUrl, parseBaseUrl } from "./url.js";

/** A server of graphs. Nothing is sent before the first call. */
export class OmniGraphServer implements AsyncDisposable {
  readonly #options: ConnectionOptions;
  readonly #connection: Connection;
  readonly #disposal = new AbortController();

  /** @throws InvalidServerAddressError, InvalidRequestError for options that contradict themselves */
  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#connection = connect(options);
  }

  health({ signal }: CallOptions = {}): Promise<HealthInfo> {
    return this.#connection.transport.json({ method: "GET", segments: ["healthz"], signal }, "status", decodeHealth);
  }

  /** Ascending by id; needs the action `graph_list`. */
  graphs({ signal }: CallOptions = {}): Promise<readonly GraphInfo[]> {
    return this.#connection.transport.json({ method: "GET", segments: ["graphs"], signal }, "graphs", decodeGraphs);
  }

  /** A graph of this server. Disposing the server also ends its calls. */
  graph(graphId: string): GraphClient {
    const { signal } = this.#options;
    const baseUrl = composeUrl(parseBaseUrl(this.#options.baseUrl), ["graphs", graphId]);
    const until = signal === undefined ? this.#disposal.signal : AbortSignal.any([signal, this.#disposal.signal]);
    return new HttpGraphClient({ ...this.#options, baseUrl, signal: until });
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#connection.dispose();
    this.#disposal.abort(new ClientDisposedError());
    return Promise.resolve();
  }
}
