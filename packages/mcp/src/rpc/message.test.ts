import { expect, test } from "vitest";
import { readMessage } from "./message.js";

const read = (text: string | Uint8Array): ReturnType<typeof readMessage> => readMessage(typeof text === "string" ? new TextEncoder().encode(text) : text);

test("integers keep all digits, and are plain numbers where that is exact", () => {
  const incoming = read('{"jsonrpc":"2.0","id":1,"method":"m","params":{"a":9007199254740993,"b":[1,2.0,1e3],"c":-9007199254740991}}');
  expect(incoming).toEqual({ kind: "request", message: { jsonrpc: "2.0", id: 1, method: "m", params: { a: 9007199254740993n, b: [1, 2, 1000], c: -9007199254740991 } } });
});

test.each<[string | Uint8Array, number]>([
  ["", -32700],
  [new Uint8Array([0x22, 0xff, 0x22]), -32700],
  [`${"[".repeat(1000)}${"]".repeat(1000)}`, -32700],
  ['{"jsonrpc":"2.0","id":9007199254740993,"method":"m"}', -32600],
  ['{"jsonrpc":"2.0","id":{},"method":"m"}', -32600],
  ['{"jsonrpc":"2.0","id":1}', -32600],
  ["null", -32600],
])("12.3 %j is refused with a null id", (text, code) => {
  expect(read(text)).toMatchObject({ kind: "refused", answer: { jsonrpc: "2.0", id: null, error: { code } } });
});
