import { describe, expect, test } from "vitest";
import { ExportSlots } from "./export-slots.js";
import { TransportBudget } from "./transport-budget.js";

describe("limits of exports", () => {
  test("15.4 a second export of a graph is refused, one of another graph is not; disposing twice frees once", () => {
    const slots = new ExportSlots();
    const first = slots.take("crm");
    const other = slots.take("kb");
    expect(() => slots.take("crm")).toThrow(expect.objectContaining({ details: { resource: "stream_export_slots", limit: 1, actual: 2 }, httpStatus: 413 }));
    expect(() => slots.refuseDuringExport("crm")).toThrow(expect.objectContaining({ code: "RESOURCE_LIMIT_EXCEEDED" }));
    first[Symbol.dispose]();
    const second = slots.take("crm");
    first[Symbol.dispose]();
    expect(() => slots.refuseDuringExport("crm")).toThrow();
    second[Symbol.dispose]();
    expect(() => slots.refuseDuringExport("crm")).not.toThrow();
    other[Symbol.dispose]();
  });

  test("15.5 eight responses share the transport budget; the ninth waits, then is refused", async () => {
    const budget = new TransportBudget();
    const held = await Promise.all(Array.from({ length: 8 }, () => budget.reserve()));
    const started = performance.now();
    await expect(budget.reserve()).rejects.toMatchObject({ details: { resource: "stream_export_transport_bytes", limit: 2_097_152, actual: 2_359_296 }, httpStatus: 413 });
    expect(performance.now() - started).toBeGreaterThan(200);
    const waiting = [budget.reserve(), budget.reserve()];
    held[0]?.[Symbol.dispose]();
    const first = await waiting[0];
    await expect(waiting[1]).rejects.toMatchObject({ code: "RESOURCE_LIMIT_EXCEEDED" });
    first?.[Symbol.dispose]();
    for (const reservation of held) reservation[Symbol.dispose]();
    const again = await Promise.all(Array.from({ length: 8 }, () => budget.reserve()));
    expect(again.length).toBe(8);
  });
});
