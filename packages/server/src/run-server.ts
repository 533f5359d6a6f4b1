/**
 * The life of a server process (server.md §2): settings, what is applied, tokens, runtime state, graphs, address, and then requests until
 * a signal ends it. What cannot be served is not served: one error on stderr and exit code 1, before anything is bound.
 */
import { isOmniError, type Logger } from "@omnigraphdb/common";
import { type App, createApp } from "./app.js";
import { type LoadedTokens, loadTokens } from "./auth/load-tokens.js";
import { HELP, parseArguments } from "./boot/command-line.js";
import { ServerUsageError } from "./boot/errors.js";
import { openPlanSource, type PlanSource } from "./boot/plan-source.js";
import { type Listening, listen } from "./net/listen.js";
import { isLoopbackHost } from "./mcp/origin.js";
import { createMetrics, NO_METRICS } from "./observability/metrics.js";
import type { Mount } from "./routes/mount.js";
import type { ServerIo } from "./server-io.js";
import { buildServingState } from "./serving/build-serving-state.js";
import { type BuiltFrom, Reloader } from "./serving/reloader.js";
import { type BuiltState, ServingHolder } from "./serving/serving-holder.js";
import type { ServingState } from "./serving/serving-state.js";
import { type BindAddress, DEFAULT_BIND, type McpSettings, type ServerSettings, serverSettings } from "./settings.js";
import { Upkeep } from "./upkeep/upkeep.js";
import { VERSION } from "./version.js";

const EXIT = { success: 0, refused: 1, usage: 2 } as const;

/** @returns the exit code, when nothing runs any more */
export async function runServer(args: readonly string[], io: ServerIo): Promise<number> {
  try {
    const given = parseArguments(args);
    if (given.isHelp || given.isVersion) {
      io.writeOut(given.isHelp ? HELP : `omnigraph-server ${VERSION}\n`);
      return EXIT.success;
    }
    // From the beginning: by default the signal would end the process.
    let reload = (): void => undefined;
    io.onSignal("SIGHUP", () => reload());
    const server = await startServer(serverSettings(given, io.env), io);
    reload = server.reload;
    return await serveUntilSignal(server, io);
  } catch (error) {
    if (!isOmniError(error)) throw error;
    io.writeErr(`error: ${error.message}\n${error.hint === undefined ? "" : `hint: ${error.hint}\n`}`);
    return error instanceof ServerUsageError ? EXIT.usage : EXIT.refused;
  }
}

interface RunningServer {
  readonly logger: Logger;
  readonly address: string;
  readonly reload: () => void;
  /** Finishes what runs, then lets go of everything. */
  stop(): Promise<void>;
}

async function startServer(settings: ServerSettings, io: ServerIo): Promise<RunningServer> {
  const logger = io.createLogger(settings.logLevel);
  for (const { name, value, default: fallback } of settings.ignored) logger.warn("invalid numeric variable", { name, value, default: fallback });
  const source = await openPlanSource(settings, io.cwd);
  // Before the plan, so that nothing applied in between is missed. Why it could not be read, the plan says with everything else.
  const builtFrom = await readBuiltFrom(source).catch(() => undefined);
  const plan = await source.readPlan();
  const tokens = await loadTokens(io.env);
  if (tokens.source !== undefined) logger.info("token source loaded", { source: tokens.source, actors: tokens.table.actorCount });
  const { isUnauthenticated, isQuarantine, engine } = settings;
  // Where a file lists the graphs, every one of them must open (server.md 11.5).
  const services = { env: io.env, engine, logger, hasTokens: !tokens.table.isEmpty, isUnauthenticated, isQuarantine: isQuarantine && plan.mode === "cluster" };
  const build = async (previous: BuiltState): Promise<BuiltState> => buildServingState(await source.readPlan(), services, previous);
  const holder = new ServingHolder(await buildServingState(plan, services), logger);
  try {
    return await serve({ settings, logger, source, tokens, holder, build, builtFrom });
  } catch (error) {
    await holder.close();
    throw error;
  }
}

interface ServeParts {
  readonly settings: ServerSettings;
  readonly logger: Logger;
  readonly source: PlanSource;
  readonly tokens: LoadedTokens;
  readonly holder: ServingHolder;
  readonly build: (previous: BuiltState) => Promise<BuiltState>;
  /** What `holder` was built from, as far as it is known. */
  readonly builtFrom: BuiltFrom | undefined;
}

async function readBuiltFrom(source: PlanSource): Promise<BuiltFrom> {
  const [version, interrupted] = await Promise.all([source.readVersion(), source.readInterrupted()]);
  return { version, interrupted };
}

async function serve({ settings, logger, source, tokens, holder, build, builtFrom }: ServeParts): Promise<RunningServer> {
  const metrics = settings.isMetricsEnabled ? createMetrics() : NO_METRICS;
  metrics.gauge("served_graphs", () => holder.current.graphs.size);
  metrics.gauge("unready_graphs", () => holder.current.setAside.size);
  const bind = settings.bind ?? source.bind ?? DEFAULT_BIND;
  const app: App = createApp({
    serving: holder,
    tokens: tokens.table,
    logger,
    version: VERSION,
    limits: settings.limits,
    ...(settings.engine.queryTimeoutMs === undefined ? {} : { queryTimeoutMs: settings.engine.queryTimeoutMs }),
    ...(settings.isMetricsEnabled ? { metrics } : {}),
    mounts: settings.mcp.isEnabled ? await mountMcp(settings.mcp, bind, (request) => app.fetch(request)) : [],
  });
  const listening = await listen(app, bind, settings.connections);
  noteServing(holder.current, listening, source, logger);
  const reloader = new Reloader({ holder, build, readVersion: () => source.readVersion(), readInterrupted: () => source.readInterrupted(), pollMs: settings.reloadPollMs, logger, metrics }, builtFrom);
  const upkeep = new Upkeep({ serving: holder, settings: settings.upkeep, logger, metrics });
  return {
    logger,
    address: listening.address,
    reload: () => void reloader.reload(),
    async stop() {
      await Promise.all([listening.drain(), reloader.close(), upkeep.close()]);
      await holder.close();
    },
  };
}

/** Its libraries are loaded only where it is on. */
async function mountMcp({ allowsAdHoc, allowedOrigins }: McpSettings, bind: BindAddress, fetch: App["fetch"]): Promise<readonly Mount[]> {
  const { mcpMounts } = await import("./mcp/mcp-mounts.js");
  return mcpMounts({ allowsAdHoc, origins: { allowed: allowedOrigins, isLoopbackBind: isLoopbackHost(bind.host) }, fetch });
}

function noteServing({ mode, runtimeState, graphs, setAside, revision }: ServingState, { address }: Listening, { description }: PlanSource, logger: Logger): void {
  if (runtimeState === "open") logger.warn("everybody may do everything: the server runs without tokens and without policy");
  if (runtimeState === "default-deny") logger.warn("no policy bundle is bound: authenticated callers may only read");
  logger.info("serving", { bind: address, mode, graphs: graphs.size, set_aside: setAside.size, source: description, revision });
}

const SIGNAL_NUMBER: Readonly<Record<"SIGTERM" | "SIGINT", number>> = { SIGINT: 2, SIGTERM: 15 };

/** The first signal lets running requests finish; the second does not wait for them (server.md S3). */
async function serveUntilSignal(server: RunningServer, io: ServerIo): Promise<number> {
  const asked = new Promise<void>((resolve) => {
    let isStopping = false;
    for (const signal of ["SIGTERM", "SIGINT"] as const) {
      io.onSignal(signal, () => {
        if (isStopping) io.exitNow(128 + SIGNAL_NUMBER[signal]);
        isStopping = true;
        server.logger.info("shutdown signal", { signal });
        resolve();
      });
    }
  });
  // Whoever reads the line may send a signal at once.
  io.writeOut(`OMNIGRAPH_LISTEN_ADDR=${server.address}\n`);
  await asked;
  await server.stop();
  server.logger.info("stopped");
  return EXIT.success;
}
