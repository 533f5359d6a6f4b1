// The bare framework: parses a JSON body and sends it back. What our routes are compared with.
import { serve } from "@hono/node-server";
import { Hono } from "hono";

const app = new Hono().post("/echo", async (context) => context.json(await context.req.json()));
const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port: 0 }, ({ address, port }) => console.log(`OMNIGRAPH_LISTEN_ADDR=${address}:${port}`));
process.once("SIGTERM", () => server.close(() => process.exit(0)));
