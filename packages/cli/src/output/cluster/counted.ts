/** `1 query`, `2 queries`. */
export function counted(count: number, singular: string): string {
  return `${count} ${count === 1 ? singular : plural(singular)}`;
}

function plural(word: string): string {
  return word.endsWith("y") ? `${word.slice(0, -1)}ies` : `${word}s`;
}
