import { afterAll, beforeAll, describe } from "vitest";
import type { GraphClient } from "../src/graph-client.js";
import type { ContractContext, ContractProvider } from "./contract/context.js";
import { describeReads } from "./contract/reads.js";
import { describeWrites } from "./contract/writes.js";
import { describeBranches } from "./contract/branches.js";
import { describeChanges } from "./contract/changes.js";
import { describeContent } from "./contract/content.js";
import { describeStoredQueries } from "./contract/stored-queries.js";

/** Every behaviour that a graph shows however it is reached. */
export function describeGraphClient(provider: ContractProvider): void {
  describe(`GraphClient contract: ${provider.name}`, () => {
    let client: GraphClient;
    let branchCount = 0;
    beforeAll(async () => {
      client = await provider.open();
    });
    afterAll(async () => {
      await client[Symbol.asyncDispose]();
      await provider.close();
    });
    const context: ContractContext = {
      get client() {
        return client;
      },
      provider,
      async branch() {
        const name = `task/${++branchCount} ünï`;
        await client.createBranch({ name, from: "main" });
        return name;
      },
    };
    describeReads(context);
    describeContent(context);
    describeWrites(context);
    describeBranches(context);
    describeChanges(context);
    describeStoredQueries(context);
  });
}
