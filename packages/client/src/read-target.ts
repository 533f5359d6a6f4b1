/** What state of a graph is read: by default the head of `main`. Both only when the snapshot is `@<instant>`, which picks a version of the branch (SN-8). */
export interface ReadTarget {
  readonly branch?: string | undefined;
  /** A commit id, `manifest:<branch>:v<n>`, `manifest:<branch>:@<instant>` or `@<instant>`. */
  readonly snapshot?: string | undefined;
}
