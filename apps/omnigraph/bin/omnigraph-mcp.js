#!/usr/bin/env node
// The name of an earlier package, for configurations of clients that start it.
process.argv.splice(2, 0, "mcp");
await import("../dist/bin.js");
