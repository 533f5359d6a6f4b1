import { closeSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";

/** The JSON values of a file with one per line, in order, in constant memory. */
export function* readRecords(file) {
  const descriptor = openSync(file, "r");
  const buffer = Buffer.allocUnsafe(1 << 22);
  const decoder = new StringDecoder("utf8");
  let rest = "";
  try {
    for (let bytes = readSync(descriptor, buffer); bytes > 0; bytes = readSync(descriptor, buffer)) {
      const text = rest + decoder.write(buffer.subarray(0, bytes));
      let from = 0;
      for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
        if (end > from) yield JSON.parse(text.slice(from, end));
        from = end + 1;
      }
      rest = text.slice(from);
    }
    if (rest !== "") yield JSON.parse(rest);
  } finally {
    closeSync(descriptor);
  }
}
