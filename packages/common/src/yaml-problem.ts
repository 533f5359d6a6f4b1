/**
 * What is wrong with a text that is no YAML, from what the parser says of it, in one line. Pieces of the text that the parser quotes are
 * left out: in files that hold settings they may be secrets, and the position says where they are.
 *
 * @param error of the parser, without a position in its message
 */
export function yamlProblem({ code, message }: { readonly code: string; readonly message: string }): string {
  if (code === "MULTIPLE_DOCS") return "the file has more than one document; keep one";
  if (code === "BAD_DQ_ESCAPE") return "Invalid escape sequence in a quoted text";
  if (code === "TAG_RESOLVE_FAILED") return "A tag that has no meaning here";
  if (message === "Maximum call stack size exceeded") return "it is nested too deeply";
  const [line = ""] = message.split("\n", 1);
  // `Not a YAML token: …`, but not `Missing , or : between …`.
  const quoted = /(?<=\w): /.exec(line);
  return quoted === null ? line : line.slice(0, quoted.index);
}
