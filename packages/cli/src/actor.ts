import { ActorNotAcceptedError } from "./addressing/errors.js";
import type { DataTarget } from "./addressing/target.js";
import type { Invocation } from "./command-definition.js";
import { ApproverRequiredError } from "./errors.js";
import { legacyFileOf, withLegacyFile } from "./legacy/legacy-layer.js";
import { warn } from "./notice.js";
import { loadOperatorConfig } from "./operator/config.js";

/**
 * Who a write is recorded for (§6): `--as`, else what the configuration says, else nobody. A server takes the actor from the
 * token, so there is none to send.
 *
 * @throws ActorNotAcceptedError for `--as` on a served write
 */
export async function writeActor({ io, command, flags }: Invocation<object>, target: DataTarget): Promise<string | undefined> {
  if (target.kind === "store") return flags.as ?? legacyFileOf(io)?.cli.actor ?? (await loadOperatorConfig(io)).actor;
  if (flags.as === undefined) return undefined;
  if (!target.isLegacy) throw new ActorNotAcceptedError(command, target.uri);
  await warn(io, `--as ${flags.as} is ignored: ${target.uri} takes the actor from the token`);
  return undefined;
}

/**
 * Who a cluster command is recorded for (cluster.md §11.8): `--as`, else the default actor. That is all a cluster command takes from
 * personal configuration, and nothing of it is read when `--as` is there (§10.20).
 *
 * @throws ApproverRequiredError when there has to be one
 */
export async function clusterActor({ io, flags }: Invocation<object>, need: "recorded" | "required"): Promise<string | undefined> {
  const actor = flags.as ?? legacyFileOf(await withLegacyFile(io, undefined))?.cli.actor ?? (await loadOperatorConfig(io)).actor;
  if (need === "required" && (actor === undefined || actor.trim() === "")) throw new ApproverRequiredError();
  return actor;
}
