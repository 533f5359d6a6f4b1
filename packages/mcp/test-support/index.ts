export { connectHttp, connectStdio, type SpokenVersion } from "./connect.js";
export type { Client } from "@modelcontextprotocol/sdk/client/index.js";
