import { type ErrorCategory, OmniError } from "@omnigraphdb/common";

/** One thing that is wrong with a request: where, and what. */
export interface RequestProblem {
  /** Member or parameter, such as `params` or `op[0]`; empty for the request as a whole. */
  readonly path: string;
  readonly message: string;
}

/** The body of a request is JSON of the wrong shape; every problem is listed (1.5). */
export class RequestShapeError extends OmniError {
  readonly code = "REQUEST_SHAPE";
  readonly category: ErrorCategory = "invalid";
  readonly problems: readonly RequestProblem[];
  readonly #status: 400 | 422;

  constructor(problems: readonly RequestProblem[], status: 400 | 422 = 422) {
    super(`the request body does not fit: ${problems.map(problemText).join("; ")}`, { hint: "Correct the members named; GET /openapi.json describes the body of every route." });
    this.problems = problems;
    this.#status = status;
  }

  override get httpStatus(): number {
    return this.#status;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { problems: this.problems };
  }
}

/** A query parameter, path segment or header is missing, unknown, given twice or malformed (1.2, 1.5.3, 1.5.4, 4.1, 4.5, 10.3.1). */
export class RequestParameterError extends OmniError {
  readonly code = "REQUEST_PARAMETER";
  readonly category: ErrorCategory = "invalid";
  /** Its name. */
  readonly parameter: string;

  constructor(parameter: string, message: string, hint: string = "Correct the parameter named.") {
    super(message, { hint });
    this.parameter = parameter;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { parameter: this.parameter };
  }
}

/** The body of a request is not of the media type that the route reads (1.3). */
export class UnsupportedMediaTypeError extends OmniError {
  readonly code = "UNSUPPORTED_MEDIA_TYPE";
  readonly category: ErrorCategory = "invalid";

  constructor(expected: string, given: string | null) {
    super(given === null ? `the request has no Content-Type; expected ${expected}` : `Content-Type '${shown(given)}' is not accepted; expected ${expected}`, {
      hint: `Send the header Content-Type: ${expected}.`,
    });
  }

  override get httpStatus(): number {
    return 415;
  }
}

/** The body of a request is larger than the route reads (1.4). Nothing of it was applied. */
export class BodyTooLargeError extends OmniError {
  readonly code = "BODY_TOO_LARGE";
  readonly category: ErrorCategory = "limit";
  readonly resource: string;
  readonly limit: number;
  readonly actual: number;

  /** @param actual bytes announced, or received so far */
  constructor(resource: string, limit: number, actual: number) {
    super(`the request body has ${actual} bytes or more; ${limit} are allowed`, {
      hint: "Send less in one request. Loads, best by load/ndjson, may have as many bytes as OMNIGRAPH_LOAD_BODY_BYTES_MAX of the server says.",
    });
    this.resource = resource;
    this.limit = limit;
    this.actual = actual;
  }

  override get details(): Readonly<Record<string, unknown>> {
    return { resource: this.resource, limit: this.limit, actual: this.actual };
  }
}

/** The body of a request ended early or could not be read (1.5). */
export class BodyReadError extends OmniError {
  readonly code = "BODY_UNREADABLE";
  readonly category: ErrorCategory = "invalid";

  constructor(options: { readonly cause?: unknown } = {}) {
    super("the request body could not be read to its end", { hint: "Send the request again.", ...options });
  }
}

function problemText({ path, message }: RequestProblem): string {
  return path === "" ? message : `${path}: ${message}`;
}

const SHOWN_LENGTH_MAX = 100;

function shown(text: string): string {
  return text.length > SHOWN_LENGTH_MAX ? `${text.slice(0, SHOWN_LENGTH_MAX)}…` : text;
}
