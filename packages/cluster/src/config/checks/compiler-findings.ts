import { type Diagnostic, SourceText } from "@omnigraphdb/compiler";
import type { SourcePlace } from "../../diagnostics/cluster-diagnostic.js";
import type { SourceFile } from "../source-files.js";

const BYTE_ORDER_MARK = "\uFEFF";

/** Where a problem that the compiler found stands; the beginning of the file for problems of the whole of it. */
export function placeOf({ span }: Pick<Diagnostic, "span">, { file, text }: SourceFile): SourcePlace {
  return { file, ...new SourceText(text).positionAt(span?.start ?? 0) };
}

/** The message, and what would be right. */
export function messageOf({ message, hint }: Diagnostic): string {
  return hint === undefined ? message : `${message}; ${hint}`;
}

/** Neither language has a byte order mark, and what the compilers say of it shows nothing. */
export function markProblem({ text }: SourceFile): string | undefined {
  return text.startsWith(BYTE_ORDER_MARK) ? "the file begins with a byte order mark; save it as UTF-8 without one" : undefined;
}
