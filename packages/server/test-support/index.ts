export { type SpawnedServer, spawnTestServer } from "./spawned-server.js";
export { type LogLine, type RefusedStart, refusedStart, startTestServer, type TestServer, type TestServerOptions } from "./test-server.js";
