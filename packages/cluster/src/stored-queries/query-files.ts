import { CompileError, type ParsedQueries, parseQueries } from "@omnigraphdb/compiler";

/** Texts of query files. Each is parsed once, however many of its queries and however many graphs ask for it. */
export class QueryFiles {
  readonly #bySource = new Map<string, ParsedQueries | CompileError>();

  /** @returns the queries, or why the text does not parse */
  parse(source: string): ParsedQueries | CompileError {
    const known = this.#bySource.get(source) ?? parseOrError(source);
    this.#bySource.set(source, known);
    return known;
  }
}

export function isParsed(parsed: ParsedQueries | CompileError): parsed is ParsedQueries {
  return !(parsed instanceof CompileError);
}

function parseOrError(source: string): ParsedQueries | CompileError {
  try {
    return parseQueries(source);
  } catch (error) {
    if (error instanceof CompileError) return error;
    throw error;
  }
}
