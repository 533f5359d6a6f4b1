import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { CONTRACT_RECORDS, CONTRACT_SCHEMA, describeGraphClient } from "@omnigraphdb/client/test-support";
import { Graph } from "@omnigraphdb/engine";
import { storeTarget } from "../../src/addressing/target.js";
import { EmbeddedClient } from "../../src/client/embedded-client.js";
import { capturedIo } from "../captured-io.js";

let directory = "";

describeGraphClient({
  name: "embedded",
  hasStoredQueries: false,
  actorId: null,
  async open() {
    directory = await mkdtemp(path.join(tmpdir(), "omnigraph-contract-"));
    const uri = path.join(directory, "g.omni");
    const graph = await Graph.init(uri, CONTRACT_SCHEMA, { settings: { durability: "process" } });
    await graph.load(CONTRACT_RECORDS, { mode: "append" });
    await graph.close();
    return EmbeddedClient.open(capturedIo([], [], { env: { OMNIGRAPH_DURABILITY: "process" } }), storeTarget(uri), "rw");
  },
  close: () => rm(directory, { recursive: true, force: true }),
});
