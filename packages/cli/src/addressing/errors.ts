import { type ErrorCategory, OmniError } from "@omnigraphdb/common";
import type { Capability } from "../command-definition.js";

/** No flag, no argument and no configuration says where the command should work (§5.2 rule 6). */
export class NoGraphAddressedError extends OmniError {
  readonly code = "NO_GRAPH_ADDRESSED";
  readonly category: ErrorCategory = "invalid";
  constructor(command: string, capability: Capability, takesPositional: boolean) {
    super(`${MISSING[capability]} addressed for '${command}'`, { hint: waysOf(capability, takesPositional) });
  }
}

/** The address is of a kind that the command cannot work with (§5.5). */
export class UnsupportedAddressError extends OmniError {
  readonly code = "UNSUPPORTED_ADDRESS";
  readonly category: ErrorCategory = "invalid";
}

/** A graph of a server or cluster has to be chosen, or one was chosen where there is nothing to choose (§5.3, §5.4). */
export class GraphSelectionError extends OmniError {
  readonly code = "GRAPH_SELECTION";
  readonly category: ErrorCategory = "invalid";
}

/** `--as` on a write that a server records (§6). */
export class ActorNotAcceptedError extends OmniError {
  readonly code = "ACTOR_NOT_ACCEPTED";
  readonly category: ErrorCategory = "invalid";
  constructor(command: string, uri: string) {
    super(`'${command}' on ${uri} does not take --as: a server takes the actor from the token`, { hint: "Drop --as, or log in with the token of the actor you mean." });
  }
}

/** The graph belongs to a cluster, which alone creates and migrates it (§10.13, §10.15). */
export class ManagedStoreError extends OmniError {
  readonly code = "STORE_IS_MANAGED";
  readonly category: ErrorCategory = "conflict";
  constructor(command: string, uri: string, root: string, graphId: string) {
    super(`'${command}' does not touch ${uri}: it is graph '${graphId}' of the cluster at ${root}`, { hint: "Change the cluster's configuration and run 'omnigraph cluster apply'." });
  }
}

const MISSING: Readonly<Record<Capability, string>> = {
  any: "no graph",
  served: "no server",
  direct: "no graph",
  control: "no cluster",
  local: "nothing",
};

function waysOf(capability: Capability, takesPositional: boolean): string {
  const positional = takesPositional ? "a positional URI, " : "";
  switch (capability) {
    case "served":
      return "Address one with --server NAME|URL or --profile NAME, or set defaults.server in the operator configuration.";
    case "control":
      return "Address one with --cluster DIR|URI or --profile NAME.";
    case "direct":
      return `Address its storage with ${positional}--uri URI, --store URI, --cluster DIR|URI --graph ID or --profile NAME, or set defaults.store, for example --store ./orders.omni.`;
    default:
      return `Address one with ${positional}--uri URI, --store URI, --server NAME|URL --graph ID or --profile NAME, or set defaults.server or defaults.store, for example --store ./orders.omni.`;
  }
}
