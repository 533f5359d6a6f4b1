/** Whether only programs of this machine can reach an address that is listened on. */
export function isLoopbackHost(host: string): boolean {
  const name = host.replace(/^\[|\]$/g, "").toLowerCase();
  return name === "localhost" || name === "::1" || /^127(\.\d{1,3}){3}$/.test(name);
}

export interface OriginRule {
  readonly allowed: readonly string[];
  readonly isLoopbackBind: boolean;
}

/**
 * Whether a page of this origin may use MCP (server.md 12.2.6). A browser names the origin by itself, so a page that made a name resolve
 * to this machine cannot pass for another. Programs that are no browsers send none.
 */
export function isOriginAllowed(origin: string | null, { allowed, isLoopbackBind }: OriginRule): boolean {
  if (origin === null || allowed.includes(origin)) return true;
  if (!isLoopbackBind || !URL.canParse(origin)) return false;
  const { protocol, hostname } = new URL(origin);
  return (protocol === "http:" || protocol === "https:") && isLoopbackHost(hostname);
}
