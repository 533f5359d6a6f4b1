import type { GlobalFlag } from "../command-definition.js";

// Which flags say where a command works, by kind of command (§4.2). `uri`, `target` and `config` are the older spellings
// of the same thing and go wherever a graph does.

const SERVER_OR_STORE = ["server", "graph", "store", "uri", "profile", "target", "config"] as const satisfies readonly GlobalFlag[];

/** `mutate`. */
export const WRITE_FLAGS: readonly GlobalFlag[] = [...SERVER_OR_STORE, "as"];

/** `load`, `ingest`, `branch …`, `schema apply`: writes that announce their target (§7.1). */
export const ANNOUNCED_WRITE_FLAGS: readonly GlobalFlag[] = [...WRITE_FLAGS, "yes", "quiet"];

/** `query`, `explain`, `diff`, `commit …`, `changes …`, `blob …`; others add that they tolerate `--as`. */
export const READ_FLAGS: readonly GlobalFlag[] = SERVER_OR_STORE;

/** `optimize`, `ensure-indices`, `repair`, `cleanup`. */
export const MAINTENANCE_FLAGS: readonly GlobalFlag[] = ["cluster", "graph", "store", "uri", "profile", "target", "config", "yes", "durability", "quiet"];

/** `lint`, `recovery list`: maintenance that only looks. */
export const INSPECTION_FLAGS: readonly GlobalFlag[] = ["cluster", "graph", "store", "uri", "profile", "target", "config"];

/** `schema plan`. */
export const PLAN_FLAGS: readonly GlobalFlag[] = ["store", "uri", "profile", "target", "config"];

/** `queries …`, `policy …`; their legacy form names a graph of the legacy file. */
export const CONTROL_FLAGS: readonly GlobalFlag[] = ["cluster", "graph", "profile", "uri", "target", "config"];

/** `graphs list`. */
export const SERVED_FLAGS: readonly GlobalFlag[] = ["server", "profile", "uri", "target", "config"];
