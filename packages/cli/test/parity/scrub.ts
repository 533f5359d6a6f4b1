const ULID = /\b[0-7][0-9A-HJKMNP-TV-Z]{25}\b/g;

export interface Known {
  /** Commits that both arms have. */
  readonly commitIds: readonly string[];
  /** Of the two graphs. */
  readonly addresses: readonly string[];
}

/**
 * Replaces what two runs of one command cannot have in common (§15.3): ids and times of what a row made, where the graph is, and how a
 * plan would reach its data, which says what happens to be in memory.
 */
export function scrub(text: string, { commitIds, addresses }: Known): string {
  return addresses
    .reduce((shown, address) => shown.replaceAll(address, "<address>"), text)
    .replace(/^(omnigraph .* → <address>) \(.*\)\n/m, "$1\n")
    .replace(/("uri": )"[^"]*"/g, '$1"<volatile:uri>"')
    .replace(/("?(?:created_at|authored_at)"?: )\d+/g, "$1<volatile:time>")
    .replace(/("?(?:cursor|resume_cursor)"?: "?)[A-Za-z0-9_-]{20,}/g, "$1<volatile:cursor>")
    .replace(/("access": )\{[^}]*\}/g, '$1"<volatile:access>"')
    .replace(ULID, (id) => (commitIds.includes(id) ? id : "<volatile:id>"));
}
