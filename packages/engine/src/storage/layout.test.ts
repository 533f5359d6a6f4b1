import { describe, expect, test } from "vitest";
import { conditionalReplaceProbe, createIfAbsentProbe, datasetDirectory, graphLayout, parseDatasetDirectory, parseRecordId } from "./layout.js";

const ULID = "01ARZ3NDEKTSV4RRFFQ69G5FAV";

describe("layout of a graph root", () => {
  test("LAY-1 LAY-2 LAY-3 LAY-4 LAY-5 LAY-7 LAY-8 LAY-12 LAY-15 LAY-16 every object has its documented place", () => {
    const { recoverySidecar, auditRecord, archivedSchema, ...objects } = graphLayout("/g");
    expect(objects).toMatchObject({
      root: "/g",
      schemaSource: "/g/_schema.pg",
      schemaIr: "/g/_schema.ir.json",
      schemaState: "/g/__schema_state.json",
      schemaSourceStaging: "/g/_schema.pg.staging",
      schemaIrStaging: "/g/_schema.ir.json.staging",
      schemaStateStaging: "/g/__schema_state.json.staging",
      manifestDirectory: "/g/__manifest.lance",
      nodesDirectory: "/g/nodes",
      edgesDirectory: "/g/edges",
      recoveryDirectory: "/g/__recovery",
      auditDirectory: "/g/__audit",
      cacheDirectory: "/g/__cache",
      initClaim: "/g/__init_claim.json",
      writerLease: "/g/__lease/writer.json",
    });
    expect(recoverySidecar(ULID)).toBe(`/g/__recovery/${ULID}.json`);
    expect(auditRecord(ULID)).toBe(`/g/__audit/${ULID}.json`);
    expect(archivedSchema("sha256:0aff")).toBe("/g/__schemas/0aff.json");
    expect(createIfAbsentProbe("/g", "x")).toBe("/g/__create_if_absent_probe_x");
    expect(conditionalReplaceProbe("/g", "x")).toBe("/g/__conditional_replace_probe_x");
  });

  test("LAY-6 dataset directories round-trip, and nothing else parses as one", () => {
    const parts = { kind: "edge", typeId: 2n ** 64n - 1n, incarnationId: 3n } as const;
    expect(datasetDirectory(parts)).toBe("edges/ffffffffffffffff-0000000000000003");
    expect(parseDatasetDirectory(datasetDirectory(parts))).toEqual(parts);
    for (const other of ["edges/1-2", "nodes/ffffffffffffffff-0000000000000003.lance", "things/0000000000000001-0000000000000001", ""]) {
      expect(parseDatasetDirectory(other)).toBeUndefined();
    }
  });

  test("LAY-14 residue of interrupted writes is no record", () => {
    expect(parseRecordId(`/g/__recovery/${ULID}.json`)).toBe(ULID);
    for (const residue of [`/g/__recovery/${ULID}.json.tmp.X`, `/g/__recovery/${ULID}.json#1`, "/g/__recovery/other.json"]) {
      expect(parseRecordId(residue)).toBeUndefined();
    }
  });
});
