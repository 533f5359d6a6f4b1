import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeAppliedCluster } from "@omnigraphdb/cluster/test-support";
import { startTestServer, type TestServer } from "@omnigraphdb/server/test-support";
import { type Captured, type CapturedIoOptions, runCaptured } from "../captured-io.js";
import { emptyLibrary, type Library, QUERIES, RECORDS, SCHEMA } from "../library.js";

export const TOKEN = "librarian-token-4f1a";
export const ACTOR = "act-librarian";
/** Has a token, and may do nothing. */
export const STRANGER_TOKEN = "stranger-token-91bc";

const GRAPH_POLICY = `version: 1
groups: { staff: [${ACTOR}] }
rules:
  - id: all
    allow: { actors: { group: staff }, actions: [read, export, change, schema_apply, branch_create, branch_delete, branch_merge, invoke_query] }
`;
const SERVER_POLICY = `version: 1
groups: { staff: [${ACTOR}] }
rules:
  - id: list
    allow: { actors: { group: staff }, actions: [graph_list] }
`;

/** The library of the other tests, as graph `library` of a server that also serves `notes`. */
export interface ServedLibrary extends AsyncDisposable {
  readonly server: TestServer;
  /** Storage root of the cluster. */
  readonly root: string;
  readonly library: Library;
  /** Runs a command line in the folder of the library, with the token of {@link ACTOR}. */
  run(argv: readonly string[], options?: CapturedIoOptions): Promise<Captured>;
}

export async function servedLibrary(): Promise<ServedLibrary> {
  const library = emptyLibrary();
  const root = mkdtempSync(join(tmpdir(), "omnigraph-served-"));
  const queries = Object.fromEntries(["authors", "named", "add", "rate"].map((name) => [name, QUERIES]));
  await writeAppliedCluster(root, {
    graphs: { library: { schema: SCHEMA, data: `${RECORDS.join("\n")}\n`, queries }, notes: { schema: "node Note {\n    slug: String @key\n}\n" } },
    policies: { graph: { text: GRAPH_POLICY, appliesTo: ["graph.library", "graph.notes"] }, server: { text: SERVER_POLICY, appliesTo: ["cluster"] } },
  });
  const server = await startTestServer({ cluster: root, env: { OMNIGRAPH_SERVER_BEARER_TOKENS_JSON: JSON.stringify({ [ACTOR]: TOKEN, "act-stranger": STRANGER_TOKEN }) } });
  return {
    server,
    root,
    library,
    run: (argv, options = {}) => runCaptured(argv, { cwd: library.directory, ...options, env: { OMNIGRAPH_BEARER_TOKEN: TOKEN, ...options.env } }),
    async [Symbol.asyncDispose]() {
      await server.stop();
      library[Symbol.dispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}
