import { resolve } from "node:path";
import type { Json } from "@omnigraphdb/common";
import type { EmbedFileRequest, EmbedMode, EmbedSummary } from "@omnigraphdb/embeddings";
import { Option } from "commander";
import { configuredEmbedder } from "../client/configured-embedder.js";
import type { CommandDefinition } from "../command-definition.js";
import { InputError, UsageError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { openInput, readInputText } from "../input-source.js";
import type { Io } from "../io.js";
import { hint } from "../notice.js";
import { jsonDocument } from "../output/json.js";
import { showProgress } from "../output/progress.js";

interface EmbedFlags {
  readonly seed?: string;
  readonly input?: string;
  readonly output?: string;
  readonly spec?: string;
  readonly clean?: boolean;
  readonly reembedAll?: boolean;
  readonly reembed_all?: boolean;
  readonly type?: readonly string[];
  readonly select?: readonly string[];
  readonly json?: boolean;
}

export const embedCommand: CommandDefinition<EmbedFlags> = {
  path: ["embed"],
  capability: "local",
  summary: "add embedding vectors to a file of records",
  accepts: [],
  examples: [
    "omnigraph embed --input docs.jsonl --output docs.embedded.jsonl --spec embed.json",
    "omnigraph embed --seed seed.yaml --json",
    "omnigraph embed --input docs.embedded.jsonl --output docs.new.jsonl --spec embed.json --select Doc:slug=intro",
    "omnigraph embed --input docs.jsonl --output plain.jsonl --spec embed.json --clean",
  ],
  declare(command) {
    command
      .addOption(new Option("--seed <MANIFEST>", "YAML manifest that names input, output and spec").conflicts(["input", "spec"]))
      .option("--input <IN>", "file of records, one per line")
      .option("--output <OUT>", "file to write")
      .option("--spec <SPEC>", "JSON file: dimension, and target and fields per type")
      .addOption(new Option("--clean", "remove vectors instead of adding them").conflicts(["reembedAll", "reembed_all"]))
      .option("--reembed-all", "embed records that have a vector as well")
      .addOption(new Option("--reembed_all").hideHelp())
      .option("--type <T...>", "only records of these types")
      .option("--select <SEL...>", "only records with field=value or Type:field=value, and embed them again")
      .option("--json", "print a JSON document");
  },
  async run({ io, flags }) {
    const request = await readRequest(io, flags);
    const input = await openInput(io, "--input", request.input);
    const { embedFile } = await import("@omnigraphdb/embeddings");
    using progress = await showProgress(io, "embedding", input.byteCount, "bytes");
    let doneRecords = 0;
    let summary: EmbedSummary;
    try {
      summary = await embedFile(request, {
        embedder: () => configuredEmbedder(io),
        signal: io.signal,
        onProgress: ({ inputBytes, records }) => {
          doneRecords = records;
          progress.update(inputBytes, `${records} records`);
        },
      });
    } catch (error) {
      progress[Symbol.dispose]();
      if (doneRecords > 0) await hint(io, `${doneRecords} records are done and kept in ${request.output}.tmp; the same command goes on after them`);
      throw error;
    }
    progress[Symbol.dispose]();
    if (summary.resumedRecords > 0) await hint(io, `went on after ${summary.resumedRecords} records of an interrupted run`);
    await io.stdout.write(flags.json === true ? jsonDocument(summaryJson(request, flags, summary)) : summaryText(request, flags, summary));
    return EXIT.success;
  },
};

async function readRequest(io: Io, flags: EmbedFlags): Promise<EmbedFileRequest> {
  if (flags.output === "-") throw new UsageError("--output does not write to stdout", "Name a file: an interrupted run goes on in it.");
  const { parseSelector } = await import("@omnigraphdb/embeddings");
  const selection = { types: flags.type ?? [], selectors: (flags.select ?? []).map(parseSelector) };
  const rest = { mode: modeOf(flags), selection };
  if (flags.seed !== undefined) {
    const { parseSeedManifest } = await import("@omnigraphdb/embeddings");
    const manifest = await parseSeedManifest(await readInputText(io, "--seed", flags.seed, false), resolve(io.cwd, flags.seed));
    return { ...manifest, ...(flags.output === undefined ? {} : { output: resolve(io.cwd, flags.output) }), ...rest };
  }
  const { input, output, spec } = flags;
  if (input === undefined || output === undefined || spec === undefined) {
    throw new UsageError("embed needs --seed, or --input, --output and --spec", "See 'omnigraph embed --help'.");
  }
  if (input === "-") throw new UsageError("--input does not read from stdin", "Name a file: an interrupted run goes on in it.");
  return { input: resolve(io.cwd, input), output: resolve(io.cwd, output), spec: await readSpec(io, spec), ...rest };
}

async function readSpec(io: Io, path: string): Promise<EmbedFileRequest["spec"]> {
  const { readEmbedSpec } = await import("@omnigraphdb/embeddings");
  const text = await readInputText(io, "--spec", path);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new InputError(`--spec '${path}' is not JSON: ${(error as Error).message.replaceAll(/\s+/g, " ")}`, { hint: 'A spec is {"dimension": 1536, "types": {"Doc": {"target": "vec", "fields": ["title"]}}}.' });
  }
  return readEmbedSpec(value, "spec");
}

function modeOf({ clean, reembedAll, reembed_all, select }: EmbedFlags): EmbedMode {
  if (clean === true) return "clean";
  if (reembedAll === true || reembed_all === true) return "reembed_all";
  return select === undefined ? "fill_missing" : "reembed_selected";
}

function summaryJson({ mode, spec, ...request }: EmbedFileRequest, flags: EmbedFlags, summary: EmbedSummary): Json {
  return {
    input: flags.input ?? request.input,
    output: flags.output ?? request.output,
    records: summary.records,
    selected_records: summary.selectedRecords,
    embedded_records: summary.embeddedRecords,
    cleaned_records: summary.cleanedRecords,
    mode,
    dimension: spec.dimension,
    model: summary.model,
  };
}

function summaryText({ mode, output }: EmbedFileRequest, flags: EmbedFlags, summary: EmbedSummary): string {
  const cleaned = summary.cleanedRecords === 0 ? "" : `, ${summary.cleanedRecords} cleaned`;
  return `wrote ${flags.output ?? output} (${mode}): ${summary.records} records, ${summary.selectedRecords} selected, ${summary.embeddedRecords} embedded${cleaned}\n`;
}
