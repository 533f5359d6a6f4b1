import { NoGraphAddressedError, UnsupportedAddressError, UsageError } from "./errors.js";

/** Flags that name a graph. */
export interface AddressFlags {
  readonly uri?: string;
  readonly store?: string;
}

/** Where one graph is stored. */
export interface GraphAddress {
  /** As typed; this is what messages and documents show. */
  readonly uri: string;
  /** No `://`, or `file://` (§5.7). */
  readonly isLocal: boolean;
}

/**
 * The graph an invocation means (§5.2): exactly one of the positional URI, `--uri` and `--store`.
 *
 * @param positional undefined when absent or when the command reserves its positionals
 */
export function resolveAddress(
  command: string,
  takesPositional: boolean,
  positional: string | undefined,
  flags: AddressFlags,
): GraphAddress {
  const given: [string, string][] = [];
  if (positional !== undefined) given.push(["a positional URI", positional]);
  if (flags.uri !== undefined) given.push(["--uri", flags.uri]);
  if (flags.store !== undefined) given.push(["--store", flags.store]);
  const [first] = given;
  if (given.length > 1) {
    throw new UsageError(`${given.map(([name]) => name).join(" and ")} exclude each other`, "Address the graph in one way only.");
  }
  if (first === undefined) throw new NoGraphAddressedError(command, takesPositional);
  const [, uri] = first;
  if (uri.trim() === "") throw new UsageError("the graph address is blank", "Give a path, such as ./orders.omni.");
  if (/^https?:\/\//i.test(uri)) throw new UnsupportedAddressError(command, uri);
  return { uri, isLocal: !uri.includes("://") || uri.startsWith("file://") };
}
