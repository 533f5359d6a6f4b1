import type { GraphClient } from "../../src/graph-client.js";

/** One way of reaching graphs. */
export interface ContractProvider {
  readonly name: string;
  /** Stored queries are a server's; an embedded graph says so. */
  readonly hasStoredQueries: boolean;
  /** Who writes; null = nobody is named. */
  readonly actorId: string | null;
  /** A client of a graph of its own with {@link CONTRACT_SCHEMA} and {@link CONTRACT_RECORDS}. */
  open(): Promise<GraphClient>;
  close(): Promise<void>;
}

/** What the parts of the suite work with. */
export interface ContractContext {
  readonly client: GraphClient;
  readonly provider: ContractProvider;
  /** Creates a branch of `main` that no other test uses. */
  branch(): Promise<string>;
}
