import { processIo, runServer } from "../src/index.js";

process.exitCode = await runServer(process.argv.slice(2), processIo());
