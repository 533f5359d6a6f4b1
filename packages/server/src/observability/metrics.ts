import type { PolicyAction } from "@omnigraphdb/common";
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";
import type { AdmissionCap } from "../admission/admission-gate.js";

export type UpkeepOutcome = "done" | "nothing" | "failed";

/** What the server counts. Labels are names from the code, never from callers: their number is bounded. */
export interface ServerMetrics {
  /** @param route operation id, or `unknown` */
  request(route: string, method: string, status: number, seconds: number): void;
  policyDecision(action: PolicyAction, isAllowed: boolean): void;
  admissionRefused(cap: AdmissionCap): void;
  /** A write gave up waiting for another writer of its graph, after so long. */
  writerBusy(waitedSeconds: number): void;
  upkeep(outcome: UpkeepOutcome, seconds: number): void;
  reload(isApplied: boolean): void;
  /** Asks for the value whenever the metrics are read. */
  gauge(name: "inflight_writes" | "served_graphs" | "unready_graphs", read: () => number): void;
  /** Prometheus text format. */
  text(): Promise<string>;
  readonly contentType: string;
}

const ignore = (): void => undefined;

/** Counts nothing. */
export const NO_METRICS: ServerMetrics = {
  request: ignore,
  policyDecision: ignore,
  admissionRefused: ignore,
  writerBusy: ignore,
  upkeep: ignore,
  reload: ignore,
  gauge: ignore,
  text: () => Promise.resolve(""),
  contentType: "text/plain",
};

const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const GAUGE_HELP = {
  inflight_writes: "Admitted writes that are running now",
  served_graphs: "Graphs that are served",
  unready_graphs: "Graphs that are applied but set aside",
} as const;

/** Metrics of one server process, in a registry of their own. `/metrics` serves them where the operator asked for it. */
export function createMetrics(): ServerMetrics {
  const registers = [new Registry()];
  const registry = registers[0] as Registry;
  collectDefaultMetrics({ register: registry });
  const requests = new Histogram({ name: "omnigraph_http_request_seconds", help: "Time from the request's head to the response's head", labelNames: ["route", "method", "status"], buckets: REQUEST_SECONDS, registers });
  const decisions = new Counter({ name: "omnigraph_policy_decisions_total", help: "Decisions of policy bundles", labelNames: ["action", "allowed"], registers });
  const refusals = new Counter({ name: "omnigraph_admission_refused_total", help: "Writes refused with 429, by the cap they met", labelNames: ["cap"], registers });
  const writerWaits = new Histogram({ name: "omnigraph_writer_busy_seconds", help: "How long writes waited for another writer before they gave up", buckets: REQUEST_SECONDS, registers });
  const upkeep = new Histogram({ name: "omnigraph_upkeep_seconds", help: "Background upkeep of one graph", labelNames: ["outcome"], buckets: REQUEST_SECONDS, registers });
  const reloads = new Counter({ name: "omnigraph_reloads_total", help: "Newly applied revisions that were looked at", labelNames: ["applied"], registers });
  return {
    request: (route, method, status, seconds) => requests.observe({ route, method, status }, seconds),
    policyDecision: (action, isAllowed) => decisions.inc({ action, allowed: String(isAllowed) }),
    admissionRefused: (cap) => refusals.inc({ cap }),
    writerBusy: (waitedSeconds) => writerWaits.observe(waitedSeconds),
    upkeep: (outcome, seconds) => upkeep.observe({ outcome }, seconds),
    reload: (isApplied) => reloads.inc({ applied: String(isApplied) }),
    gauge(name, read) {
      new Gauge({ name: `omnigraph_${name}`, help: GAUGE_HELP[name], registers, collect() {
        this.set(read());
      } });
    },
    text: () => registry.metrics(),
    contentType: registry.contentType,
  };
}
