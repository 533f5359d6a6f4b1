// The server from the build output, not bundled: profiles then name our files.
import { processIo, runServer } from "@omnigraphdb/server";

process.env.LANCEDB_LOG ??= "error";
process.exitCode = await runServer(process.argv.slice(2), processIo());
