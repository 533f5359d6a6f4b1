import { JsonTextError } from "../errors/json-errors.js";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** @throws JsonTextError when the bytes are no UTF-8 */
export function decodeUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw new JsonTextError("encoding", "not accepted: the text is not encoded as UTF-8");
  }
}
