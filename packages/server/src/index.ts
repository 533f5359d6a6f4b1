export { processIo } from "./process-io.js";
export { runServer } from "./run-server.js";
export type { ServerIo, ServerSignal } from "./server-io.js";
