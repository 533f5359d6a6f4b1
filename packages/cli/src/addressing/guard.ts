import type { Capability, CommandDefinition, GlobalFlag, GlobalFlags } from "../command-definition.js";
import { UsageError } from "../errors.js";
import { isHttpUrl } from "../operator/server-url.js";

/** What each capability is called in messages (§4.1). */
export const CAPABILITY_PHRASE: Readonly<Record<Capability, string>> = {
  any: "data",
  served: "served",
  direct: "direct (storage-native)",
  control: "cluster control",
  local: "local",
};

/** Flags in the order in which offenders are reported (§4.3). */
const GUARD_ORDER = ["server", "cluster", "graph", "store", "as", "profile", "uri", "target", "config", "durability"] as const satisfies readonly GlobalFlag[];

/** Flags that a command with an address of its own refuses together, in one message (§4.4). */
const OWN_ADDRESS_ORDER = ["server", "graph", "store", "cluster", "profile", "as"] as const satisfies readonly GlobalFlag[];

const FLAG_PURPOSE: Readonly<Record<(typeof GUARD_ORDER)[number], string>> = {
  server: "the server to ask",
  cluster: "the cluster whose graph is meant",
  graph: "the graph of a server or cluster",
  store: "the storage location of a graph",
  as: "the actor of a write",
  profile: "a scope of the operator configuration",
  uri: "the address of a graph",
  target: "a graph of the legacy file",
  config: "the path of the legacy file",
  durability: "what a write survives",
};

/**
 * Refuses flags without a meaning for the command (§4.2), before any I/O.
 *
 * @param positionals of the command; one that is a URL makes the addressing legacy (§4.6)
 * @returns flags that are to be ignored, with a warning each
 * @throws UsageError for the first offender
 */
export function guardFlags(definition: CommandDefinition, flags: GlobalFlags, positionals: readonly unknown[]): readonly GlobalFlag[] {
  const command = definition.path.join(" ");
  if (definition.ownsAddress === true) refuseAddress(command, flags);
  const ignored: GlobalFlag[] = [];
  for (const flag of GUARD_ORDER) {
    if (flags[flag] === undefined || takesFlag(definition, flag)) continue;
    if (flag === "as" && definition.accepts.includes("target") && isLegacyAddress(flags, positionals)) ignored.push(flag);
    else throw new UsageError(`'${command}' is a ${CAPABILITY_PHRASE[definition.capability]} command and does not take --${flag} (${FLAG_PURPOSE[flag]})`, instead(definition, flag));
  }
  return ignored;
}

/** Whether the command accepts a global flag, as opposed to recognising and refusing it. */
export function takesFlag({ accepts, tolerates }: CommandDefinition, flag: GlobalFlag): boolean {
  if (flag === "yes" || flag === "quiet" || accepts.includes(flag) || tolerates?.includes(flag) === true) return true;
  return flag === "durability" && accepts.includes("as");
}

/** An address in a form of the baseline, as far as the argument list tells (§5.6). */
function isLegacyAddress(flags: GlobalFlags, positionals: readonly unknown[]): boolean {
  return flags.target !== undefined || [flags.uri, ...positionals].some((value) => typeof value === "string" && isHttpUrl(value));
}

function refuseAddress(command: string, flags: GlobalFlags): void {
  const given = OWN_ADDRESS_ORDER.filter((flag) => flags[flag] !== undefined).map((flag) => `--${flag}`);
  if (given.length === 0) return;
  throw new UsageError(`'${command}' is a local command and does not take ${given.join(", ")}: its binding says where it goes`, "Change the binding in the operator configuration, or run the stored query with 'omnigraph query NAME --server …'.");
}

/** Which addressing to use, for commands that need one (§4.3). */
function instead({ path, capability, accepts, takesClusterFolder }: CommandDefinition, refused: GlobalFlag): string {
  const ways = WAYS.filter(([flag]) => accepts.includes(flag)).map(([, way]) => way);
  const help = `See 'omnigraph ${path.join(" ")} --help'.`;
  if (takesClusterFolder === true) return `Name the folder that holds cluster.yaml with --config DIR. ${help}`;
  if (refused === "cluster" && accepts.includes("store")) {
    const asked = accepts.includes("server") ? ", or ask the server of the cluster, --server NAME|URL --graph ID" : "";
    return `Name the graph's own storage, --store <storage root>/graphs/<graph id>.omni${asked}. ${help}`;
  }
  if (capability === "any" || capability === "local" || ways.length === 0) return help;
  const subject = capability === "direct" ? "the graph's storage" : capability === "control" ? "a cluster" : "a server";
  return `Address ${subject} with ${ways.join(" or ")}. ${help}`;
}

const WAYS: readonly (readonly [GlobalFlag, string])[] = [
  ["server", "--server NAME|URL"],
  ["store", "--store URI"],
  ["cluster", "--cluster DIR|URI --graph ID"],
  ["profile", "--profile NAME"],
];
