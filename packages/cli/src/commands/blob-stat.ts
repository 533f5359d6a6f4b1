import type { Json } from "@omnigraphdb/common";
import type { BlobReader, BlobSelector } from "@omnigraphdb/api-types";
import type { ReadTarget } from "@omnigraphdb/client";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { blobSelector, declareBlobSelector, findBlob } from "../blob-address.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { visibleText } from "../output/cell-text.js";
import { jsonDocument } from "../output/json.js";
import { declareReadTarget, readTarget, type ReadTargetFlags } from "../read-target.js";

interface BlobStatFlags extends ReadTargetFlags {
  readonly json?: boolean;
}

export const blobStatCommand: CommandDefinition<BlobStatFlags> = {
  path: ["blob", "stat"],
  capability: "any",
  summary: "show the size of one blob, without reading it",
  accepts: READ_FLAGS,
  examples: ["omnigraph blob stat node Doc report-7 file --store ./docs.omni", "omnigraph blob stat edge Signed s-19 scan --store ./docs.omni --json"],
  declare(command) {
    declareBlobSelector(command);
    declareReadTarget(command, "look at");
    command.option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const selector = blobSelector(positionals);
    const target = readTarget(flags);
    const address = await resolveDataTarget(invocation);
    await using client = await openClient(io, address, "ro");
    const blob = await findBlob(client, target, selector);
    await io.stdout.write(flags.json === true ? jsonDocument(statJson(selector, target, blob)) : statText(selector, target, blob));
    return EXIT.success;
  },
};

function statJson({ entity, type, id, property }: BlobSelector, target: ReadTarget, blob: BlobReader): Json {
  return {
    selector: { entity, type, id, property },
    kind: blob.kind,
    size: blob.length,
    etag: blob.etag,
    target: { ...shownTarget(target), resolved_snapshot: blob.graphCommitId },
  };
}

function statText({ entity, type, id, property }: BlobSelector, target: ReadTarget, blob: BlobReader): string {
  const facts = { entity, type, id, property, kind: blob.kind, size: String(blob.length), etag: blob.etag, ...shownTarget(target), resolved_snapshot: blob.graphCommitId };
  return Object.entries(facts)
    .map(([name, value]) => `${name}: ${visibleText(value)}\n`)
    .join("");
}

/** What was asked for; without a word about it, the head of `main`. */
function shownTarget({ branch, snapshot }: ReadTarget): Readonly<Record<string, string>> {
  if (branch === undefined && snapshot === undefined) return { branch: "main" };
  return { ...(branch === undefined ? {} : { branch }), ...(snapshot === undefined ? {} : { snapshot }) };
}
