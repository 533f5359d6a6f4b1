import { initGraph } from "../../src/open/init-graph.js";
import { appendCompanies, appendPersons, appendWorksAt, DIRECT_SCHEMA, stage } from "./direct-write.js";
import { SimulatedProcess } from "./simulated-process.js";

/** Makes a graph of `DIRECT_SCHEMA` at `uri` with rows of every type: ann and bob; initech; ann works there. */
export async function seedGraph(uri: string): Promise<void> {
  await initGraph(uri, DIRECT_SCHEMA);
  await using process = await SimulatedProcess.start(uri);
  await process.writer.write(
    { branch: null, actorId: null },
    stage("Load", appendPersons({ name: "ann", age: 1 }, { name: "bob", age: 2 }), appendCompanies("initech"), appendWorksAt({ id: "e1", person: "ann", company: "initech" })),
  );
}
