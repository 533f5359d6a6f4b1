process.env["LANCEDB_LOG"] ??= "error";
// Says on stderr, at every start on `s3://`, what the supported Node versions are.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";

const { processIo, runServer } = await import("@omnigraphdb/server");
process.exitCode = await runServer(process.argv.slice(2), processIo());
