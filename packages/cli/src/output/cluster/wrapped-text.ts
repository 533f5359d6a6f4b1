// A command line in quotes is one word: it is there to be copied.
const WORDS = /\S*'omnigraph [^']*'\S*|\S+/g;

/** A command line at the end of a sentence, without quotes: it may have some itself. */
const COMMAND_AT_END = /^(.+?:) (omnigraph .+)$/s;

/**
 * Breaks a text at spaces.
 *
 * @param first what the first line begins with, colours included; `firstWidth` is its width as shown
 * @param indent of the lines after it
 */
export function wrapText(text: string, first: string, firstWidth: number, indent: string, width: number): readonly string[] {
  const [, sentence, command] = COMMAND_AT_END.exec(text) ?? [];
  if (sentence !== undefined && command !== undefined) return [...wrapText(sentence, first, firstWidth, indent, width), `${indent}  ${command}`];
  const lines: string[] = [];
  let line = first;
  let used = firstWidth;
  let isEmpty = true;
  for (const word of text.match(WORDS) ?? []) {
    if (!isEmpty && used + 1 + word.length > width) {
      lines.push(line);
      line = indent;
      used = indent.length;
      isEmpty = true;
    }
    line += isEmpty ? word : ` ${word}`;
    used += word.length + (isEmpty ? 0 : 1);
    isEmpty = false;
  }
  return [...lines, line];
}
