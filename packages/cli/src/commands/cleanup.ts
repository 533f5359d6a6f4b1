import { MAINTENANCE_FLAGS } from "../addressing/flag-sets.js";
import { resolveStoreTarget } from "../addressing/resolve-target.js";
import { openStore } from "../client/open-client.js";
import type { CommandDefinition } from "../command-definition.js";
import { confirmWrite } from "../confirm-write.js";
import { UsageError } from "../errors.js";
import { EXIT } from "../exit-code.js";
import { jsonDocument } from "../output/json.js";
import { cleanupJson, cleanupText } from "../output/maintenance.js";

interface CleanupFlags {
  readonly keep?: string;
  readonly olderThan?: string;
  readonly confirm?: boolean;
  readonly json?: boolean;
}

const SECONDS_PER_UNIT: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3_600, d: 86_400, w: 604_800 };

export const cleanupCommand: CommandDefinition<CleanupFlags> = {
  path: ["cleanup"],
  capability: "direct",
  summary: "remove old versions and what deleted branches left (needs --confirm)",
  accepts: MAINTENANCE_FLAGS,
  examples: [
    "omnigraph cleanup ./orders.omni --keep 10 --older-than 7d",
    "omnigraph cleanup ./orders.omni --keep 10 --older-than 7d --confirm",
    "omnigraph cleanup s3://bucket/orders.omni --older-than 4w --confirm --yes --json",
  ],
  declare(command) {
    command
      .argument("[URI]", "graph to clean up")
      .option("--keep <N>", "newest versions of each dataset that stay; 10 is a good start")
      .option("--older-than <D>", "remove only what is older: a number and one of s, m, h, d, w")
      .option("--confirm", "do it (without it: say what would be done)")
      .option("--json", "print a JSON document");
  },
  async run(invocation) {
    const { io, command, positionals, flags } = invocation;
    const keepVersions = flags.keep === undefined ? undefined : keepOf(flags.keep);
    const olderThanSecs = flags.olderThan === undefined ? undefined : secondsOf(flags.olderThan);
    if (keepVersions === undefined && olderThanSecs === undefined) {
      throw new UsageError("cleanup requires at least one of --keep or --older-than", "Say what to keep, for example --keep 10.");
    }
    const address = await resolveStoreTarget(invocation, { positional: positionals[0] });
    const { uri } = address;
    if (flags.confirm !== true) {
      await io.stderr.write(`cleanup of ${uri} would ${describePolicy(keepVersions, flags.olderThan)}; nothing was done, add --confirm to do it\n`);
      return EXIT.success;
    }
    await confirmWrite(io, { command, address, destructive: true }, flags);
    await using client = await openStore(io, address, "rw");
    const report = await client.cleanup({ keepVersions, olderThanMs: olderThanSecs === undefined ? undefined : olderThanSecs * 1_000 });
    const policy = { keep_versions: keepVersions ?? null, older_than_secs: olderThanSecs ?? null };
    await io.stdout.write(flags.json === true ? jsonDocument(cleanupJson(uri, policy, report)) : cleanupText(uri, report));
    return EXIT.success;
  },
};

function keepOf(text: string): number {
  const count = Number(text);
  if (!/^[0-9]+$/.test(text) || !Number.isSafeInteger(count)) throw new UsageError(`--keep '${text}' is not a whole number from 0 on`, "Write --keep 10.");
  return count;
}

/** An unsigned integer and one unit letter; without one it counts seconds. */
function secondsOf(text: string): number {
  const [, digits, unit = "s"] = /^([0-9]+)([smhdw])?$/.exec(text) ?? [];
  const seconds = digits === undefined ? Number.NaN : Number(digits) * (SECONDS_PER_UNIT[unit] ?? Number.NaN);
  if (!Number.isSafeInteger(seconds * 1_000)) throw new UsageError(`--older-than '${text}' is not a duration`, "Write a whole number and s, m, h, d or w, for example 7d.");
  return seconds;
}

function describePolicy(keepVersions: number | undefined, olderThan: string | undefined): string {
  const limits = [
    ...(keepVersions === undefined ? [] : [`beyond the newest ${Math.max(1, keepVersions)} of each dataset`]),
    ...(olderThan === undefined ? [] : [`older than ${/[0-9]$/.test(olderThan) ? `${olderThan}s` : olderThan}`]),
  ];
  return `remove versions that are ${limits.join(" and ")}`;
}
