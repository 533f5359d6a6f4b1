const encoder = new TextEncoder();
const scratch = new Uint8Array(192);

/**
 * The bytes of a text. Those of a short one cost a copy and nothing outside the heap: the built-in `encode` asks for memory of its own each
 * time, which has to be given back.
 */
export function encodeUtf8(text: string): Uint8Array {
  if (text.length * 3 > scratch.length) return encoder.encode(text);
  return scratch.slice(0, encoder.encodeInto(text, scratch).written);
}
