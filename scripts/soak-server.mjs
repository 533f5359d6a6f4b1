// Connections that do no good, against the built server, for as long as wanted: `node scripts/soak-server.mjs [rounds] [connections] [stall ms]`, after
// `npm run build`. Each round opens slow, half-open, aborted and malformed connections, then looks whether the server answers, and what it
// still holds. Fails when an answer is missing, or when descriptors or memory grow from round to round.
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

// On a machine with much other work the server may stall its clients longer than a second: a good one would be given up with the bad ones.
const [rounds = 10, connections = 1000, STALL_MS = 1_000] = process.argv.slice(2).map(Number);
const binary = (name) => fileURLToPath(new URL(`../apps/${name}/bin/${name}.js`, import.meta.url));
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
const MIB = 1_048_576;

const query = JSON.stringify({ query: "query all() { match { $e: Event } return { count($e) as n } }" });
const post = (path, type, length) => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${length}\r\n\r\n`;

/** By turns: what a connection sends, and what it does then. */
const kinds = [
  (socket) => socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n"),
  (socket) => socket.write(post("/query", "application/json", 100) + "{"),
  (socket) => socket.write(post("/load/ndjson?mode=append", "application/x-ndjson", 1_000) + '{"type":"Event","data":{"note":"half"}}\n'),
  (socket) => socket.write(post("/query", "application/json", query.length) + query, () => socket.destroy()),
  (socket) => socket.write(post("/export", "application/json", 2) + "{}", () => socket.pause()),
  (socket) => socket.end(post("/query", "application/json", 50) + "{"),
  (socket) => socket.write("\u0000\u0001 nonsense\r\n\r\n"),
  (socket) => socket.write(`GET /healthz HTTP/1.1\r\nHost: x\r\nX-Big: ${"a".repeat(20_000)}\r\n\r\n`),
  (socket) => socket.write(post("/query", "application/json", 2 * MIB) + "a".repeat(2 * MIB), () => undefined),
  (socket) => socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20), () => socket.destroy()),
  () => undefined,
];

const directory = mkdtempSync(join(tmpdir(), "soak-server-"));
const graph = join(directory, "soak.omni");
writeFileSync(join(directory, "soak.pg"), "node Event { note: String }\n");
const created = spawnSync(process.execPath, [binary("omnigraph"), "init", "--schema", join(directory, "soak.pg"), graph], { stdio: "inherit" });
if (created.status !== 0) process.exit(1);

const env = { ...process.env, OMNIGRAPH_LOG: "error", OMNIGRAPH_HEADERS_TIMEOUT_MS: String(STALL_MS), OMNIGRAPH_STALL_TIMEOUT_MS: String(STALL_MS), OMNIGRAPH_KEEP_ALIVE_TIMEOUT_MS: String(STALL_MS) };
const server = spawn(process.execPath, [binary("omnigraph-server"), graph, "--unauthenticated", "--bind", "127.0.0.1:0"], { env, stdio: ["ignore", "pipe", "inherit"] });
const address = await new Promise((resolve) => {
  server.stdout.on("data", (chunk) => {
    const found = /OMNIGRAPH_LISTEN_ADDR=(.+):(\d+)/.exec(chunk);
    if (found !== null) resolve({ host: found[1], port: Number(found[2]) });
  });
});
const holds = () => ({
  descriptors: readdirSync(`/proc/${server.pid}/fd`).length,
  mib: Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${server.pid}/status`, "utf8"))[1]) / 1024),
});

async function attack() {
  const sockets = Array.from({ length: connections }, (_, index) => {
    const socket = connect(address.port, address.host, () => kinds[index % kinds.length](socket));
    socket.on("error", () => undefined);
    socket.resume();
    return socket;
  });
  const startedAt = performance.now();
  const response = await fetch(`http://${address.host}:${address.port}/query`, { method: "POST", headers: { "content-type": "application/json" }, body: query });
  const answer = await response.json();
  const waitedMs = Math.round(performance.now() - startedAt);
  if (response.status !== 200 || answer.rows[0].n !== 0) throw new Error(`the server answers ${response.status}: ${JSON.stringify(answer)}`);
  await sleep(5 * STALL_MS);
  const open = sockets.filter((socket) => !socket.destroyed).length;
  for (const socket of sockets) socket.destroy();
  await sleep(STALL_MS);
  return { waitedMs, open };
}

const seen = [];
for (let round = 0; round < rounds; round++) {
  const result = { ...(await attack()), ...holds() };
  seen.push(result);
  console.log(JSON.stringify({ round, ...result }));
}
server.kill("SIGTERM");
const exitCode = await new Promise((resolve) => server.once("exit", resolve));
rmSync(directory, { recursive: true });
const warm = seen[Math.min(2, seen.length - 1)];
const last = seen.at(-1);
const isSound = exitCode === 0 && last.descriptors <= warm.descriptors + 5 && last.mib <= warm.mib * 1.3 + 50;
console.log(isSound ? "sound" : `not sound: exit ${exitCode}, ${JSON.stringify({ warm, last })}`);
process.exitCode = isSound ? 0 : 1;
