export { connectHttp, connectStdio } from "./connect.js";
export type { Client } from "@modelcontextprotocol/sdk/client/index.js";
