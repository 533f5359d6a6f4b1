export const RPC_CODES = { parse: -32700, invalidRequest: -32600, unknownMethod: -32601, invalidParams: -32602, internal: -32603 } as const;

/** Ends a call with a JSON-RPC error object. Everything in it is told to the caller. */
export class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

export function invalidParams(message: string): RpcError {
  return new RpcError(RPC_CODES.invalidParams, message);
}

/** Unknown, unexposed, disabled and denied: nobody learns which (server.md 12.6 step 3). */
export function unknownTool(): RpcError {
  return invalidParams("unknown tool");
}

/** Unknown or forbidden (server.md 12.8). */
export function unknownResource(): RpcError {
  return invalidParams("unknown resource");
}

/** Without detail. */
export function internalError(): RpcError {
  return new RpcError(RPC_CODES.internal, "internal error");
}
