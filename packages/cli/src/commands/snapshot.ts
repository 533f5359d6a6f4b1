import { type DatasetInfo, encodeSnapshot, type SnapshotInfo } from "@omnigraphdb/api-types";
import { READ_FLAGS } from "../addressing/flag-sets.js";
import { resolveDataTarget } from "../addressing/resolve-target.js";
import { openClient } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";
import { declareReadTarget, readTarget, type ReadTargetFlags } from "../read-target.js";

interface SnapshotFlags extends ReadTargetFlags {
  readonly json?: boolean;
}

export const snapshotCommand: CommandDefinition<SnapshotFlags> = {
  path: ["snapshot"],
  capability: "any",
  summary: "show the version and size of every type",
  accepts: READ_FLAGS,
  tolerates: ["as"],
  examples: ["omnigraph snapshot ./orders.omni", "omnigraph snapshot ./orders.omni --branch review --json"],
  declare(command) {
    command.argument("[URI]", "graph to look at");
    declareReadTarget(command, "look at");
    command.option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, positionals, flags } = invocation;
    const target = readTarget(flags);
    const address = await resolveDataTarget(invocation, { positional: positionals[0] });
    await using client = await openClient(io, address, "ro");
    const info = await client.snapshot(target);
    await io.stdout.write(flags.json === true ? jsonDocument(snapshotDocument(info)) : snapshotText(info));
    return EXIT.success;
  },
};

/** The commit is a member of the answer over HTTP only (§10.7). */
function snapshotDocument(info: SnapshotInfo): object {
  const { graph_commit_id: _onTheWireOnly, ...document } = encodeSnapshot(info);
  return document;
}

function snapshotText(info: SnapshotInfo): string {
  return [
    `graph_branch: ${info.graphBranch}`,
    `graph_manifest_version: ${info.graphManifestVersion}`,
    `internal_schema_version: ${info.internalSchemaVersion}`,
    ...info.datasets.map(datasetLine),
    "",
  ].join("\n");
}

function datasetLine(dataset: DatasetInfo): string {
  const pairs = [
    `dataset_path=${dataset.datasetPath}`,
    `published_dataset_version=${dataset.publishedDatasetVersion}`,
    `native_dataset_branch=${dataset.nativeDatasetBranch ?? "main"}`,
    `entity_count=${dataset.entityCount}`,
  ];
  return `${dataset.entityKind} "${dataset.typeName}" ${pairs.join(" ")}`;
}
