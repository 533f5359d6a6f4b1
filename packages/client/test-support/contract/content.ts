import { describe, expect, test } from "vitest";
import type { BlobReader } from "@omnigraphdb/api-types";
import { CONTRACT_SCHEMA } from "../contract-fixture.js";
import type { ContractContext } from "./context.js";
import { bytesOf, failureOf, textOf } from "./failure.js";

const PHOTO = { entity: "node", type: "Person", id: "ada", property: "photo" } as const;

export function describeContent(context: ContractContext): void {
  const find = async (selector: { readonly entity: "node" | "edge"; readonly type: string; readonly id: string; readonly property: string }, target = {}): Promise<BlobReader> => {
    const blob = await context.client.readBlob({ target, selector });
    if (blob === null) throw new Error("expected a blob");
    return blob;
  };

  describe("schema", () => {
    test("is the text that was accepted (13.1)", async () => {
      expect(await context.client.schemaSource()).toBe(CONTRACT_SCHEMA);
    });
  });

  describe("exports", () => {
    test("write every record, edges first, ids ascending (15.1)", async () => {
      const lines = (await textOf(context.client.exportJsonl({ target: {}, typeNames: [] }))).trimEnd().split("\n");
      const records = lines.map((line) => JSON.parse(line) as { readonly type?: string; readonly edge?: string; readonly data: { readonly id?: string } });
      expect(records.map(({ type, edge, data }) => `${type ?? edge ?? ""} ${data.id ?? ""}`)).toEqual([
        "Knows k1", "LivesIn l1", "City berlin", "Person ada", "Person bo", 'Person cy/é "q"', "Person dee",
      ]);
      expect(lines.at(-1)).toContain('"big":9223372036854775807');
    });

    test("of some types only, and of a type that does not exist", async () => {
      const text = await textOf(context.client.exportJsonl({ target: { branch: "main" }, typeNames: ["City"] }));
      expect(text.split("\n").length).toBe(2);
      expect(await failureOf(context.client.exportJsonl({ target: {}, typeNames: ["Nothing"] }))).toMatchObject({ code: "UNKNOWN_EXPORT_TYPE", category: "invalid" });
    });

    test("of an older version, and of an empty one", async () => {
      const first = (await context.client.listCommits({})).at(-1)?.graphCommitId;
      expect(await textOf(context.client.exportJsonl({ target: { snapshot: first }, typeNames: [] }))).toBe("");
    });

    test("load back to the same content (15.2)", async () => {
      const branch = await context.branch();
      const text = await textOf(context.client.exportJsonl({ target: {}, typeNames: [] }));
      await context.client.load({ input: text, mode: "overwrite", branch });
      expect((await context.client.diff("main", branch, {})).changes).toEqual([]);
    });

    test("who stops reading early is done", async () => {
      for await (const _ of context.client.exportJsonl({ target: {}, typeNames: [] })) break;
      expect(await textOf(context.client.exportJsonl({ target: {}, typeNames: ["City"] }))).not.toBe("");
    });

    test("an unknown branch is not found, an aborted signal cancels", async () => {
      expect(await failureOf(context.client.exportJsonl({ target: { branch: "nowhere" }, typeNames: [] }))).toMatchObject({ code: "BRANCH_NOT_FOUND" });
      expect(await failureOf(context.client.exportJsonl({ target: {}, typeNames: [], signal: AbortSignal.abort() }))).toMatchObject({ code: "CANCELLED" });
    });
  });

  describe("blobs", () => {
    test("tell length, entity tag and version before they are read", async () => {
      const blob = await find(PHOTO);
      expect(blob).toMatchObject({ kind: "managed", length: 10, graphCommitId: (await context.client.listCommits({}))[0]?.graphCommitId });
      expect(blob.etag).toMatch(/^"[0-9a-f]{32}"$/);
    });

    test("are read whole and in parts", async () => {
      const blob = await find(PHOTO);
      expect(await textOf(blob.chunks())).toBe("0123456789");
      expect(await textOf(blob.chunks(3))).toBe("3456789");
      expect(await textOf(blob.chunks(3, 5))).toBe("34");
      expect(Buffer.from(await blob.readRange(8, 10)).toString()).toBe("89");
      expect((await bytesOf(blob.chunks(4, 4))).byteLength).toBe(0);
    });

    test("may be empty, which is not null", async () => {
      const blob = await find({ ...PHOTO, id: "bo" });
      expect([blob.length, await textOf(blob.chunks())]).toEqual([0, ""]);
      expect(await context.client.readBlob({ target: {}, selector: { ...PHOTO, id: "dee" } })).toBeNull();
      expect(await context.client.readBlob({ target: {}, selector: { ...PHOTO, id: "nobody" } })).toBeNull();
    });

    test("belong to edges too, and to ids with slashes", async () => {
      expect(await textOf((await find({ entity: "edge", type: "Knows", id: "k1", property: "letter" })).chunks())).toBe("dear bo");
      expect(await context.client.readBlob({ target: {}, selector: { ...PHOTO, id: 'cy/é "q"' } })).toBeNull();
    });

    test.each([[11, 12], [0, 11], [5, 3], [-1, 2]])("bytes %d to %d do not exist", async (start, end) => {
      const blob = await find(PHOTO);
      expect(await failureOf(blob.readRange(start, end))).toEqual({
        code: "BLOB_RANGE_NOT_SATISFIABLE", category: "invalid", retryable: false, effects: "none", details: { blob_range: { start, end, length: 10 } },
        message: `bytes ${start} to ${end} do not lie within a blob of 10 bytes`, hint: "Its bytes are numbered from 0 to 9; start at one of them. The end is exclusive.",
      });
      expect(await failureOf(blob.chunks(start, end))).toMatchObject({ code: "BLOB_RANGE_NOT_SATISFIABLE" });
    });

    test("stay those of their version when the entity changes", async () => {
      const branch = await context.branch();
      const blob = await find(PHOTO, { branch });
      const replace = { type: "Person", data: { name: "ada", photo: `base64:${Buffer.from("other").toString("base64")}` } };
      await context.client.load({ input: JSON.stringify(replace), mode: "merge", branch });
      expect(await textOf(blob.chunks())).toBe("0123456789");
      const newer = await find(PHOTO, { branch });
      expect([await textOf(newer.chunks()), newer.etag === blob.etag]).toEqual(["other", false]);
    });

    test("a selector that can name none is refused", async () => {
      const refused = { code: "INVALID_BLOB_SELECTOR", category: "invalid" };
      for (const selector of [{ ...PHOTO, type: "Nothing" }, { ...PHOTO, property: "age" }, { ...PHOTO, property: "nothing" }]) {
        expect(await failureOf(context.client.readBlob({ target: {}, selector }))).toMatchObject(refused);
      }
      expect(await failureOf(context.client.readBlob({ target: { branch: "nowhere" }, selector: PHOTO }))).toMatchObject({ code: "BRANCH_NOT_FOUND" });
    });
  });
}
