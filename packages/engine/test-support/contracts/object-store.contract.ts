import { describe, expect, test } from "vitest";
import type { ObjectStore } from "../../src/storage/object-store.js";
import { joinUri } from "../../src/storage/uri.js";

export interface ObjectStoreFixture extends AsyncDisposable {
  readonly store: ObjectStore;
  /** A root of its own for this test. */
  readonly root: string;
  /** Reads an object around the adapter, as another program would. */
  readRaw(uri: string): Promise<string>;
}

/** The behaviour every object store keeps (STT-1 … STT-12, STT-16). */
export function describeObjectStore(name: string, makeFixture: () => Promise<ObjectStoreFixture>, cost: { readonly rounds: number }): void {
  const withStore = (claim: string, run: (fixture: ObjectStoreFixture, at: (child: string) => string) => Promise<void>): void => {
    test(claim, async () => {
      await using fixture = await makeFixture();
      await run(fixture, (child) => joinUri(fixture.root, child));
    });
  };

  describe(`object store: ${name}`, () => {
    withStore("STT-1 ST-4 a second write replaces the first completely", async ({ store }, at) => {
      await store.writeText(at("dir/x.json"), "first, and longer than the second");
      expect(await store.readText(at("dir/x.json"))).toBe("first, and longer than the second");
      await store.writeText(at("dir/x.json"), "second");
      expect(await store.readText(at("dir/x.json"))).toBe("second");
    });

    withStore("STT-2 ST-1 ST-2 a missing object is NotFound, or null when asked for politely", async ({ store }, at) => {
      await expect(store.readText(at("missing"))).rejects.toMatchObject({ kind: "NotFound" });
      await expect(store.readTextVersioned(at("missing"))).rejects.toMatchObject({ kind: "NotFound" });
      expect(await store.readTextIfExists(at("missing"))).toBeNull();
      expect(await store.readTextIfExists(at("missing/below"))).toBeNull();
    });

    withStore("STT-3 ST-5 of 16 concurrent creators exactly one wins, and its content stays", async ({ store }, at) => {
      const bodies = Array.from({ length: 16 }, (_, index) => `creator ${index} `.repeat(50));
      const outcomes = await Promise.all(bodies.map((body) => store.writeTextIfAbsent(at("claim"), body)));
      expect(outcomes.filter((won) => won)).toHaveLength(1);
      expect(await store.readText(at("claim"))).toBe(bodies[outcomes.indexOf(true)]);
    });

    withStore("STT-4 a created object is complete the moment it is visible", async ({ store, readRaw }, at) => {
      const body = "y".repeat(8192);
      for (let round = 0; round < cost.rounds; round++) {
        expect(await store.writeTextIfAbsent(at(`r/${round}`), body)).toBe(true);
        expect((await readRaw(at(`r/${round}`))).length).toBe(8192);
      }
    });

    withStore("STT-5 readers see one complete generation while it is replaced", async ({ store }, at) => {
      const bodyOf = (generation: number): string => String(generation % 10).repeat(65_536);
      await store.writeText(at("hot"), bodyOf(0));
      let isWriting = true;
      const readers = Array.from({ length: 3 }, async () => {
        while (isWriting) {
          const text = await store.readText(at("hot"));
          expect(text.length).toBe(65_536);
          expect(text).toBe((text[0] as string).repeat(65_536));
        }
      });
      for (let generation = 1; generation <= Math.min(200, cost.rounds); generation++) await store.writeText(at("hot"), bodyOf(generation));
      isWriting = false;
      await Promise.all(readers);
    });

    withStore("STT-6 ST-7 exists: objects and non-empty prefixes", async ({ store }, at) => {
      await store.writeText(at("set/one.json"), "1");
      expect(await store.exists(at("set/one.json"))).toBe(true);
      expect(await store.exists(at("set"))).toBe(true);
      expect(await store.exists(at("se"))).toBe(false);
      expect(await store.exists(at("missing"))).toBe(false);
    });

    withStore("STT-7 ST-1 a directory is not an object", async ({ store }, at) => {
      await store.writeText(at("set/one.json"), "1");
      await expect(store.readText(at("set"))).rejects.toMatchObject({ kind: "NotFound" });
      expect(await store.readTextIfExists(at("set"))).toBeNull();
    });

    withStore("STT-8 ST-9 listDir: direct objects only, each readable as returned", async ({ store }, at) => {
      await store.writeText(at("a/one.json"), "1");
      await store.writeText(at("a/two words é.json"), "2");
      await store.writeText(at("a/deep/three.json"), "3");
      await store.writeText(at("ab/four.json"), "4");
      const listed = await store.listDir(at("a"));
      expect(await Promise.all(listed.map((uri) => store.readText(uri))).then((texts) => texts.sort())).toEqual(["1", "2"]);
      for (const uri of listed) expect(uri.startsWith(`${at("a")}/`)).toBe(true);
      expect(await store.listDir(at("missing"))).toEqual([]);
    });

    withStore("STT-9 ST-8 rename creates parents, replaces, and misses loudly", async ({ store }, at) => {
      await store.writeText(at("from"), "1");
      await store.renameText(at("from"), at("new/parent/to"));
      expect(await store.readTextIfExists(at("from"))).toBeNull();
      expect(await store.readText(at("new/parent/to"))).toBe("1");
      await store.writeText(at("from"), "2");
      await store.renameText(at("from"), at("new/parent/to"));
      expect(await store.readText(at("new/parent/to"))).toBe("2");
      await expect(store.renameText(at("from"), at("elsewhere"))).rejects.toMatchObject({ kind: "NotFound" });
    });

    withStore("STT-10 ST-11 ST-12 compare-and-set: a stale version loses and changes nothing", async ({ store }, at) => {
      await store.writeText(at("cas"), "one");
      const first = await store.readTextVersioned(at("cas"));
      expect(first.text).toBe("one");
      const second = await store.writeTextIfMatch(at("cas"), "two", first.version);
      expect(second).not.toBeNull();
      expect(second).not.toBe(first.version);
      expect(await store.writeTextIfMatch(at("cas"), "three", first.version)).toBeNull();
      expect(await store.readTextVersioned(at("cas"))).toEqual({ text: "two", version: second });
    });

    withStore("STT-11 compare-and-set on a missing object loses", async ({ store }, at) => {
      await store.writeText(at("other"), "x");
      const { version } = await store.readTextVersioned(at("other"));
      expect(await store.writeTextIfMatch(at("missing"), "x", version)).toBeNull();
      expect(await store.readTextIfExists(at("missing"))).toBeNull();
    });

    withStore("STT-12 ST-6 ST-13 delete and deletePrefix are idempotent", async ({ store }, at) => {
      await store.writeText(at("tree/a/one"), "1");
      await store.writeText(at("tree/two"), "2");
      await store.writeText(at("tree2"), "3");
      await store.delete(at("tree/two"));
      await store.delete(at("tree/two"));
      await store.delete(at("tree"));
      expect(await store.exists(at("tree"))).toBe(true);
      await store.deletePrefix(at("tree"));
      await store.deletePrefix(at("tree"));
      expect(await store.exists(at("tree"))).toBe(false);
      expect(await store.readText(at("tree2"))).toBe("3");
    });

    withStore("STT-16 residue of interrupted writes does not look like an object of ours", async ({ store }, at) => {
      for (const residue of ["x.json#3", "x.json.tmp.9"]) await store.writeText(at(`dir/${residue}`), "{");
      await store.writeText(at("dir/x.json"), "{}");
      expect((await store.listDir(at("dir"))).filter((uri) => uri.endsWith(".json"))).toEqual([at("dir/x.json")]);
    });

    withStore("ST-14 the capability probe passes and leaves nothing", async ({ store, root }) => {
      await store.probeCreateIfAbsent(root);
      expect(await store.listDir(root)).toEqual([]);
    });
  });
}
