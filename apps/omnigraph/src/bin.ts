process.env["LANCEDB_LOG"] ??= "error";
// Says on stderr, at every command on `s3://`, what the supported Node versions are.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

const { processIo, run } = await import("@omnigraphdb/cli");
const io = processIo();
process.exitCode = await run(process.argv.slice(2), io);
io[Symbol.dispose]();
