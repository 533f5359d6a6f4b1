import { resolve } from "node:path";
import { must } from "@omnigraphdb/common";
import { type BaselineHandshake, encodeBaseline } from "@omnigraphdb/api-types";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { changeFilter, type ChangeFilterFlags, declareChangeFilter, warnOfUnknownTypes } from "../change-filter.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { installFile } from "../install-file.js";
import { jsonDocument } from "../output/json.js";
import { showProgress } from "../output/progress.js";

interface ChangesBaselineFlags extends ChangeFilterFlags {
  readonly out: string;
  readonly branch?: string;
  readonly json?: boolean;
}

export const changesBaselineCommand: CommandDefinition<ChangesBaselineFlags> = {
  path: ["changes", "baseline"],
  capability: "any",
  summary: "write a branch's content to a file, and print the cursor that goes on from it",
  accepts: READ_FLAGS,
  examples: ["omnigraph changes baseline --store ./orders.omni --out orders.jsonl", "omnigraph changes baseline --store ./orders.omni --out orders.jsonl --type Order --json"],
  declare(command) {
    command.requiredOption("--out <PATH>", "file to put the records into, all at once").option("--branch <B>", "branch to capture (default: main)");
    declareChangeFilter(command);
    command.option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, flags } = invocation;
    const address = await resolveDataTarget(invocation);
    await using client = await openClient(io, address, "ro");
    await warnOfUnknownTypes(io, client, flags, flags.branch);
    using progress = await showProgress(io, "writing the baseline", undefined, "bytes");
    const handshake = await installFile(resolve(io.cwd, flags.out), io.signal, async (append) => {
      let byteCount = 0;
      let last: BaselineHandshake | undefined;
      for await (const chunk of client.changesBaseline({ ...changeFilter(flags), ...(flags.branch === undefined ? {} : { branch: flags.branch }) })) {
        if (chunk.kind === "baseline") last = chunk.handshake;
        else {
          await append(chunk.bytes);
          progress.update((byteCount += chunk.bytes.byteLength), "writing the baseline");
        }
      }
      return must(last, "a baseline ends with its handshake");
    });
    const { baseline: document } = encodeBaseline(handshake);
    await io.stdout.write(flags.json === true ? jsonDocument(document) : `snapshot_commit_id: ${document.snapshot_commit_id}\nresume_cursor: ${document.resume_cursor}\n`);
    return EXIT.success;
  },
};
