import type { Explanation, MutationReceipt, SchemaApplyReceipt } from "@omnigraphdb/api-types";
import { type ApplySchemaRequest, type ExplainRequest, HttpGraphClient, type ReadResult, type RunMutationRequest, type RunQueryRequest } from "@omnigraphdb/client";
import { isOmniError } from "@omnigraphdb/common";
import type { Diagnostic } from "@omnigraphdb/compiler";

/** A graph behind a server, whose refusals of a text point into it as those of this process do. */
export class ServedClient extends HttpGraphClient {
  override query(request: RunQueryRequest): Promise<ReadResult> {
    return withPlaces(request.source, super.query(request));
  }

  override explain(request: ExplainRequest): Promise<Explanation> {
    return withPlaces(request.source, super.explain(request));
  }

  override mutate(request: RunMutationRequest): Promise<MutationReceipt> {
    return withPlaces(request.source, super.mutate(request));
  }

  override applySchema(request: ApplySchemaRequest): Promise<SchemaApplyReceipt> {
    return withPlaces(request.source, super.applySchema(request));
  }
}

/** An answer has the diagnostics, but not the text that it was sent. */
async function withPlaces<T>(source: string, call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    const diagnostics = isOmniError(error) && error.code === "COMPILE_ERROR" ? error.details["diagnostics"] : undefined;
    if (!areDiagnostics(diagnostics)) throw error;
    const { CompileError } = await import("@omnigraphdb/compiler");
    throw new CompileError(diagnostics, source);
  }
}

function areDiagnostics(value: unknown): value is readonly Diagnostic[] {
  return Array.isArray(value) && value.length > 0 && value.every((item: Partial<Diagnostic> | null) => typeof item?.message === "string" && typeof item.rule === "string");
}
