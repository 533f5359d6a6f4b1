// Reads what to send as JSON from its input, sends it, and prints what was measured as JSON: with `ratePerSecond` requests begin at even
// distances, whether or not earlier ones were answered, and count from when they were due; otherwise autocannon sends as fast as it goes.
// Autocannon's own duration is not used: it counts the building of all requests for every connection, and ends at a whole second.
import http from "node:http";
import autocannon from "autocannon";

let text = "";
for await (const chunk of process.stdin) text += chunk;
const options = JSON.parse(text);
process.stdout.write(JSON.stringify(options.ratePerSecond === undefined ? await sendAll(options) : await sendEvenly(options)));

/** @returns autocannon's result, whose `duration` is the seconds from the first request to the last answer */
async function sendAll(options) {
  let startedAt = 0;
  let answeredAt = 0;
  const result = await new Promise((resolve, reject) => {
    const run = autocannon(options, (error, finished) => (error ? reject(error) : resolve(finished)));
    run.once("start", () => (startedAt = performance.now()));
    run.on("response", () => (answeredAt = performance.now()));
  });
  return { ...result, duration: (answeredAt - startedAt) / 1000 };
}

/** @returns latencies in milliseconds, counts of answers, and requests per second */
async function sendEvenly({ url, ratePerSecond, duration, connections, requests }) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const latencies = [];
  const counts = { errors: 0, non2xx: 0 };
  const running = new Set();
  const count = ratePerSecond * duration;
  const startedAt = performance.now();
  for (let index = 0; index < count; index++) {
    const dueAt = startedAt + (index * 1000) / ratePerSecond;
    const early = dueAt - performance.now();
    if (early > 0) await new Promise((resolve) => setTimeout(resolve, early));
    const answered = send(url, agent, requests[index % requests.length]).then(
      (status) => {
        latencies.push(performance.now() - dueAt);
        if (status < 200 || status > 299) counts.non2xx++;
      },
      () => counts.errors++,
    );
    running.add(answered);
    void answered.finally(() => running.delete(answered));
  }
  await Promise.all(running);
  const seconds = (performance.now() - startedAt) / 1000;
  agent.destroy();
  latencies.sort((a, b) => a - b);
  const at = (share) => Number((latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0).toFixed(2));
  return { latency: { p50: at(0.5), p99: at(0.99), max: at(1) }, requests: { average: latencies.length / seconds }, timeouts: 0, ...counts };
}

function send(url, agent, { method, path, headers, body }) {
  return new Promise((resolve, reject) => {
    const request = http.request(new URL(path, url), { method, agent, headers: { ...headers, "content-length": Buffer.byteLength(body) } }, (response) => {
      response.resume();
      response.once("end", () => resolve(response.statusCode));
      response.once("error", reject);
    });
    request.once("error", reject);
    request.end(body);
  });
}
