import type { Command } from "commander";
import type { ExitCode } from "./exit-code.js";
import type { Io } from "./io.js";
import type { SourceNames } from "./source-names.js";

/** What a command needs (§4): a graph over any access path, a server, the graph's storage at hand, a cluster, or no address at all. */
export type Capability = "any" | "served" | "direct" | "control" | "local";

/** Flags every command understands, before or after its name (§3). */
export interface GlobalFlags {
  readonly server?: string;
  readonly cluster?: string;
  readonly graph?: string;
  readonly store?: string;
  readonly profile?: string;
  readonly uri?: string;
  /** Name in the legacy file. */
  readonly target?: string;
  /** Path of the legacy file; on `cluster …`, folder of the cluster. */
  readonly config?: string;
  readonly as?: string;
  readonly yes?: boolean;
  readonly quiet?: boolean;
  /** Taken by every command that takes `--as`: those that write. */
  readonly durability?: string;
}

export type GlobalFlag = keyof GlobalFlags;

/** One call of a command: its parsed arguments and everything it may touch. */
export interface Invocation<Flags> {
  readonly io: Io;
  /** As it shows in messages: `load`, `schema plan`. */
  readonly command: string;
  readonly capability: Capability;
  readonly positionals: readonly (string | undefined)[];
  readonly flags: Flags & GlobalFlags;
  /** Where source texts came from, for diagnostics. */
  readonly sourceNames: SourceNames;
  /** The whole command line, for what describes it. */
  readonly grammar: Command;
}

/**
 * A command as data: how it is invoked, what it accepts and what it does. Importing one is cheap; whatever needs the
 * engine or the compiler is imported when the command runs.
 */
export interface CommandDefinition<Flags = object> {
  readonly path: readonly [string] | readonly [string, string];
  readonly capability: Capability;
  readonly summary: string;
  /** Global flags with a meaning here. */
  readonly accepts: readonly GlobalFlag[];
  /** Global flags that are accepted without effect (§4.2), besides `--yes` and `--quiet`; all others are refused. */
  readonly tolerates?: readonly GlobalFlag[];
  /** Its address comes from elsewhere, so that flags with one are refused together (§4.4). */
  readonly ownsAddress?: boolean;
  /** Its `--config` names the folder of a cluster, not the legacy file (§10.20). */
  readonly takesClusterFolder?: boolean;
  /** Left out of help (§10.5). */
  readonly isHidden?: boolean;
  readonly examples: readonly string[];
  /** Adds positionals and own flags. */
  declare(command: Command): void;
  run(invocation: Invocation<Flags>): Promise<ExitCode>;
}
