/** Ceilings of the HTTP boundary. Plain data; the settings of the process fill it. */
export interface ServerLimits {
  /** Writes of one actor that run at the same time (http-api 5.1). Zero refuses every write. */
  readonly inflightPerActorMax: number;
  /** Estimated bytes of the writes of one actor that run at the same time. */
  readonly bytesPerActorMax: number;
  /** Bodies of `load`, `ingest` and `load/ndjson`, in bytes (http-api 1.4). */
  readonly loadBodyBytesMax: number;
  /** How long a request may take before it is cancelled, in milliseconds; 0 = no limit. A write whose effects have begun is finished. */
  readonly requestTimeoutMs: number;
}

export const DEFAULT_SERVER_LIMITS: ServerLimits = {
  inflightPerActorMax: 16,
  bytesPerActorMax: 4_294_967_296,
  loadBodyBytesMax: 33_554_432,
  requestTimeoutMs: 0,
};

/** Bodies of all other routes, in bytes (http-api 1.4). */
export const BODY_BYTES_MAX = 1_048_576;
