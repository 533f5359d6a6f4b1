import type { AdmissionGate } from "./admission/admission-gate.js";
import type { OpenApiTexts } from "./http/openapi-texts.js";
import type { ServerMetrics } from "./observability/metrics.js";
import type { ServerLimits } from "./server-limits.js";
import type { ExportSlots } from "./streams/export-slots.js";
import type { TransportBudget } from "./streams/transport-budget.js";

/** What all requests of one app share. */
export interface AppServices {
  readonly admission: AdmissionGate;
  /** Asked before an export begins, and before branches are created or deleted or a schema is applied (http-api 15.4). */
  readonly exportSlots: ExportSlots;
  readonly transportBudget: TransportBudget;
  readonly limits: ServerLimits;
  /** The graphs' own limit of one query, which a request may lower and not raise; 0 = no limit. */
  readonly queryTimeoutMs: number;
  readonly metrics: ServerMetrics;
  readonly openApi: OpenApiTexts;
  readonly version: string;
  /** Build revision, when known. */
  readonly sourceVersion: string | undefined;
}
