import type { CompiledRead, OperationDescriptor } from "@omnigraphdb/compiler";
import type { QueryOptions, QueryResult } from "../graph-api.js";

/** A read that is compiled once and run many times (API-19). It follows the graph: every run reads the newest state. */
export class PreparedQuery {
  readonly name: string;
  readonly descriptor: OperationDescriptor;
  readonly #run: (options: Omit<QueryOptions, "name">) => Promise<QueryResult>;

  constructor(query: CompiledRead, run: (options: Omit<QueryOptions, "name">) => Promise<QueryResult>) {
    this.name = query.name;
    this.descriptor = query.descriptor;
    this.#run = run;
  }

  /** @throws ParameterError, QueryRefusedError, ResourceLimitExceededError, CancelledError */
  run(options: Omit<QueryOptions, "name"> = {}): Promise<QueryResult> {
    return this.#run(options);
  }
}
