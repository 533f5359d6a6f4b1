/** `text` as one word of a POSIX shell: as it is where that is safe, else in single quotes. For commands that messages tell people to run. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`;
}
