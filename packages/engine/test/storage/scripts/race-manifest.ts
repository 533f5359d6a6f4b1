import type { ManifestRow } from "../../../src/storage/dataset-gateway.js";
import { openGraphStorage } from "../../../src/storage/lance/open-graph-storage.js";

/**
 * One of several processes that race for the head of one manifest: `root`, `writer name`, `wins wanted`. Prints `ready`,
 * waits for a line, then prints the sequence numbers it won as JSON.
 */
const [root, writer, wanted] = process.argv.slice(2) as [string, string, string];
const { manifest } = openGraphStorage(root);
await manifest.probe();
process.stdout.write("ready\n");
await new Promise<void>((resolve) => process.stdin.once("data", () => resolve()));

const wins: number[] = [];
for (let attempt = 0; wins.length < Number(wanted); attempt++) {
  const head = (await manifest.readRows(["head/m"])).get("head/m");
  if (head === undefined) throw new Error("no head");
  const seq = head.seq + 1;
  const txId = `${writer}-${attempt}`;
  const row = (key: string): ManifestRow => ({ key, seq, base: head.seq, txId, createdAt: 0, payload: "x".repeat(500) });
  let isWon: boolean;
  try {
    const { updatedCount, insertedCount } = await manifest.conditionalMerge([row("head/m"), row(`commit/m/${seq}`)]);
    if (updatedCount !== insertedCount || updatedCount > 1) throw new Error(`torn: ${updatedCount}/${insertedCount}`);
    isWon = updatedCount === 1;
  } catch (error) {
    // MAN-22: only the stored row tells.
    if ((error as { code?: string }).code !== "STORAGE") throw error;
    isWon = (await manifest.readRows([`commit/m/${seq}`])).get(`commit/m/${seq}`)?.txId === txId;
  }
  if (isWon) wins.push(seq);
}
process.stdout.write(`${JSON.stringify(wins)}\n`);
process.exit(0);
