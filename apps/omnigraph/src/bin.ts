process.env["LANCEDB_LOG"] ??= "error";

const { processIo, run } = await import("@omnigraphdb/cli");
const io = processIo();
process.exitCode = await run(process.argv.slice(2), io);
io[Symbol.dispose]();
