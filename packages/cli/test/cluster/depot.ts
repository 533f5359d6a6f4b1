import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Captured, CapturedIoOptions } from "../captured-io.js";
import { type Home, personalHome } from "../operator/home.js";

export const SCHEMA = "node Order {\n  number: I64 @key\n  note: String?\n}\n";

const QUERY = "query late() { match { $o: Order } return { $o.number } }\n";

const RULE = (action: string): string => `version: 1\ngroups: { all: [ann] }\nrules:\n  - { id: all, allow: { actors: { group: all }, actions: [${action}] } }\n`;

const ORDERS = "  orders:\n    schema: orders.pg\n    queries: queries/\n";
const FLEET = "  fleet:\n    schema: fleet.pg\n";
const POLICIES = "policies:\n  team: { file: team.yaml, applies_to: [orders] }\n  house: { file: house.yaml, applies_to: [cluster] }\n";

/** A person with a configuration directory: the folder they work in. */
export interface Depot extends Disposable {
  readonly home: Home;
  readonly cwd: string;
  /** `omnigraph cluster …`. */
  cluster(argv: readonly string[], options?: CapturedIoOptions): Promise<Captured>;
  /** The document of `omnigraph cluster … --json`. */
  json(argv: readonly string[], options?: CapturedIoOptions): Promise<Readonly<Record<string, unknown>> & { readonly exitCode: number }>;
  declare(graphs: "both" | "orders"): void;
  remove(path: string): void;
  /** Makes it a cluster on which everything declared is applied. */
  apply(): Promise<void>;
}

/** Applied once, copied by everybody. */
let template: Promise<Depot> | undefined;

async function makeTemplate(): Promise<Depot> {
  const made = depot();
  const imported = await made.cluster(["import"]);
  const applied = await made.cluster(["apply", "--as", "ann"]);
  if (!applied.stdout.includes("converged: yes")) throw new Error(imported.stdout + applied.stdout);
  return made;
}

/** Frees what {@link Depot.apply} copies. */
export async function disposeTemplate(): Promise<void> {
  (await template)?.[Symbol.dispose]();
  template = undefined;
}

const ENVIRONMENT = { OMNIGRAPH_DURABILITY: "process" };

export function depot(): Depot {
  const home = personalHome();
  const cluster: Depot["cluster"] = (argv, options = {}) => home.run(["cluster", ...argv], { ...options, env: { ...ENVIRONMENT, ...options.env } });
  const declare: Depot["declare"] = (graphs) => {
    const declared = graphs === "both" ? FLEET + ORDERS : ORDERS;
    home.write("cluster.yaml", `version: 1\ngraphs:\n${declared}${POLICIES}`);
  };
  home.write("orders.pg", SCHEMA);
  home.write("fleet.pg", SCHEMA);
  home.write("queries/late.gq", QUERY);
  home.write("team.yaml", RULE("read, change"));
  home.write("house.yaml", RULE("graph_list"));
  declare("both");
  return {
    home,
    cwd: home.cwd,
    cluster,
    async json(argv, options) {
      const { exitCode, stdout } = await cluster([...argv, "--json"], options);
      return { ...(JSON.parse(stdout) as object), exitCode };
    },
    declare,
    remove: (path) => rmSync(join(home.cwd, path), { recursive: true }),
    async apply() {
      template ??= makeTemplate();
      const { cwd } = await template;
      for (const folder of ["__cluster", "graphs"]) cpSync(join(cwd, folder), join(home.cwd, folder), { recursive: true });
    },
    [Symbol.dispose]: () => home[Symbol.dispose](),
  };
}
