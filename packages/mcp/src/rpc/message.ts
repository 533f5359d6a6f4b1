import { JsonTextError, parseJson } from "@omnigraphdb/api-types";
import {
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  type JSONRPCNotification,
  type JSONRPCRequest,
} from "@modelcontextprotocol/sdk/types.js";
import { RPC_CODES } from "./rpc-error.js";

export type IncomingMessage =
  | { readonly kind: "request"; readonly message: JSONRPCRequest }
  | { readonly kind: "notification"; readonly message: JSONRPCNotification }
  | { readonly kind: "response"; readonly message: JSONRPCMessage }
  /** With the error object that says so; its id is null. */
  | { readonly kind: "refused"; readonly answer: RefusedMessage };

export interface RefusedMessage {
  readonly jsonrpc: "2.0";
  readonly id: null;
  readonly error: { readonly code: number; readonly message: string };
}

/**
 * One JSON-RPC 2.0 message. Integers that a double cannot hold are `bigint`; a batch is no message (server.md 12.2.1).
 *
 * @param bytes one JSON text, in UTF-8
 */
export function readMessage(bytes: Uint8Array): IncomingMessage {
  let parsed: unknown;
  try {
    parsed = parseJson(new TextDecoder("utf-8", { fatal: true }).decode(bytes), "cells");
  } catch (error) {
    // The decoder's own error for what is no UTF-8.
    if (!(error instanceof JsonTextError) && !(error instanceof TypeError)) throw error;
    return refused(RPC_CODES.parse, "not JSON");
  }
  const message = withPlainNumbers(parsed);
  if (isJSONRPCRequest(message)) return { kind: "request", message };
  if (isJSONRPCNotification(message)) return { kind: "notification", message };
  if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) return { kind: "response", message };
  return refused(RPC_CODES.invalidRequest, "not a JSON-RPC 2.0 message");
}

function refused(code: number, message: string): IncomingMessage {
  return { kind: "refused", answer: refusal(code, message) };
}

function refusal(code: number, message: string): RefusedMessage {
  return { jsonrpc: "2.0", id: null, error: { code, message } };
}

/** Integers are plain numbers where that is exact. Changes the value in place: it was made by the parser just now. */
function withPlainNumbers(value: unknown): unknown {
  if (typeof value === "bigint") return value >= -SAFE_MAX && value <= SAFE_MAX ? Number(value) : value;
  if (typeof value !== "object" || value === null) return value;
  const members = value as Record<string, unknown>;
  for (const name of Object.keys(members)) {
    const member = members[name];
    if (typeof member === "bigint") members[name] = withPlainNumbers(member);
    else if (typeof member === "object") withPlainNumbers(member);
  }
  return value;
}

const SAFE_MAX = BigInt(Number.MAX_SAFE_INTEGER);

/** A line that is longer than a message may be. */
export const TOO_LONG: Extract<IncomingMessage, { kind: "refused" }> = { kind: "refused", answer: refusal(RPC_CODES.invalidRequest, "the message is too long") };
