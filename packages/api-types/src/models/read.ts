/** What to read: a branch head (default `main`), or a fixed version by a snapshot id. Never both. */
export interface ReadTarget {
  readonly branch?: string;
  readonly snapshot?: string;
}

/** The target as it was asked for. Exactly one is set. */
export interface ResolvedTarget {
  readonly branch: string | null;
  readonly snapshot: string | null;
}
