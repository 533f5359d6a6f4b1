export { type LogLine, type RefusedStart, refusedStart, startTestServer, type TestServer, type TestServerOptions } from "./test-server.js";
