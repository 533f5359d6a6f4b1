/** One field of an encoded message: its number, and its value as an integer (varint) or bytes (everything else). */
export interface ProtobufField {
  readonly number: number;
  readonly value: bigint | Uint8Array;
}

/** The record does not have the expected form. */
export class MalformedRecordError extends Error {}

/** Top-level fields of a protobuf message, in stored order. @throws MalformedRecordError */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[offset++];
      if (byte === undefined) throw new MalformedRecordError("a message ends within a number");
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedRecordError("a number of more than 64 bits");
  };
  const take = (length: number): Uint8Array => {
    if (offset + length > bytes.length) throw new MalformedRecordError("a message ends within a field");
    offset += length;
    return bytes.subarray(offset - length, offset);
  };
  while (offset < bytes.length) {
    const key = Number(varint());
    const number = Math.floor(key / 8);
    switch (key % 8) {
      case 0:
        yield { number, value: varint() };
        break;
      case 1:
        yield { number, value: take(8) };
        break;
      case 2:
        yield { number, value: take(Number(varint())) };
        break;
      case 5:
        yield { number, value: take(4) };
        break;
      default:
        throw new MalformedRecordError(`unknown wire type ${key % 8}`);
    }
  }
}
