import { must } from "@omnigraphdb/common";
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
    withStore("ST-4 writes side by side below directories that none of them finds there", async ({ store }, at) => {
      for (let round = 0; round < 5; round++) {
        const uris = Array.from({ length: 24 }, (_, index) => at(`r${round}/a/b/${index % 4}/c/${index}.txt`));
        await Promise.all(uris.map((uri) => store.writeText(uri, uri)));
        expect(await Promise.all(uris.map((uri) => store.readText(uri)))).toEqual(uris);
      }
    });

    withStore("STT-1 ST-4 a second write replaces the first completely", async ({ store }, at) => {
      await store.writeText(at("dir/x.json"), "first, and longer than the second");
      expect(await store.readText(at("dir/x.json"))).toBe("first, and longer than the second");
      await store.writeText(at("dir/x.json"), "second");
      expect(await store.readText(at("dir/x.json"))).toBe("second");
    });

    withStore("STT-2 ST-1 ST-2 a missing object is NotFound, or null when asked for politely", async ({ store }, at) => {
      await expect(store.readText(at("missing"))).rejects.toMatchObject({ kind: "NotFound" });
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

    withStore("STT-12 ST-6 delete is idempotent, and deletes no directory", async ({ store }, at) => {
      await store.writeText(at("tree/a"), "1");
      await store.writeText(at("tree/b"), "2");
      await store.delete(at("tree/b"));
      await store.delete(at("tree/b"));
      await store.delete(at("tree"));
      expect(await store.readText(at("tree/a"))).toBe("1");
      expect(await store.readTextIfExists(at("tree/b"))).toBeNull();
    });

    withStore("MT-82 residue is removed only when it is old, and only where its store leaves any", async ({ store }, at) => {
      const residue = at("dir/x.json.tmp.01ARZ3NDEKTSV4RRFFQ69G5FAV");
      for (const uri of [residue, at("dir/x.json"), at("dir/x.json.tmp.9")]) await store.writeText(uri, "12345");
      expect(await store.removeResidue(at("dir"), 0)).toBe(0);
      expect(await store.removeResidue(at("missing"), 8_000_000_000_000)).toBe(0);
      const byteCount = await store.removeResidue(at("dir"), 8_000_000_000_000);
      expect(await store.readTextIfExists(residue)).toBe(byteCount === 0 ? "12345" : null);
      expect(await store.listDir(at("dir"))).toHaveLength(byteCount === 0 ? 3 : 2);
    });

    withStore("STT-16 residue of interrupted writes does not look like an object of ours", async ({ store }, at) => {
      for (const residue of ["x.json#3", "x.json.tmp.9"]) await store.writeText(at(`dir/${residue}`), "{");
      await store.writeText(at("dir/x.json"), "{}");
      expect((await store.listDir(at("dir"))).filter((uri) => uri.endsWith(".json"))).toEqual([at("dir/x.json")]);
    });

    withStore("ST-11 a missing object has no version, and no directory has one", async ({ store }, at) => {
      await store.writeText(at("set/one.json"), "1");
      expect(await store.readVersioned(at("missing"))).toBeNull();
      expect(await store.readVersioned(at("set"))).toBeNull();
      expect((await store.readVersioned(at("set/one.json")))?.text).toBe("1");
    });

    withStore("ST-12 a replacement needs the version that is there", async ({ store }, at) => {
      const object = at("dir/ledger.json");
      await store.writeText(object, "first");
      const first = must(await store.readVersioned(object), "it was written");
      expect(await store.replaceIfVersion(object, "second ü", first.version)).toBe(true);
      expect(await store.replaceIfVersion(object, "third", first.version)).toBe(false);
      const second = must(await store.readVersioned(object), "it was written");
      expect(second.text).toBe("second ü");
      expect(second.version).not.toBe(first.version);
      expect(await store.replaceIfVersion(object, "third", second.version)).toBe(true);
    });

    withStore("ST-12 what is missing is not replaced, nor created", async ({ store }, at) => {
      await store.writeText(at("gone"), "1");
      const { version } = must(await store.readVersioned(at("gone")), "it was written");
      await store.delete(at("gone"));
      expect(await store.replaceIfVersion(at("gone"), "2", version)).toBe(false);
      expect(await store.readTextIfExists(at("gone"))).toBeNull();
    });

    withStore("ST-13 deletePrefix takes everything below, and nothing beside", async ({ store }, at) => {
      for (const child of ["g/a", "g/deep/er/b", "g/with space é/c", "g.omni/d", "gg", "h/e"]) await store.writeText(at(child), child);
      await store.deletePrefix(at("g"));
      expect(await store.exists(at("g"))).toBe(false);
      expect(await store.listDir(at("g/deep/er"))).toEqual([]);
      for (const child of ["g.omni/d", "gg", "h/e"]) expect(await store.readText(at(child))).toBe(child);
      await store.deletePrefix(at("g"));
      await store.deletePrefix(at("never/was"));
    });

    withStore("ST-13 deletePrefix takes an object at the address too", async ({ store }, at) => {
      await store.writeText(at("one"), "1");
      await store.deletePrefix(at("one"));
      expect(await store.readTextIfExists(at("one"))).toBeNull();
    });

    withStore("ST-14 the capability probes pass and leave nothing", async ({ store, root }) => {
      await store.probeCreateIfAbsent(root);
      await store.probeConditionalReplace(root);
      expect(await store.listDir(root)).toEqual([]);
    });
  });
}
