import type { OperatorConfig, OperatorProfile } from "./config.js";
import { ProfileInvalidError } from "./errors.js";

/** The one thing a profile is bound to (§3.4). */
export interface ProfileBinding {
  readonly kind: "server" | "cluster" | "store";
  /** As the profile has it: a name of `servers` or `clusters`, or an address. */
  readonly target: string;
}

/** @throws ProfileInvalidError when the profile has none of server, cluster and store, or several */
export function profileBinding(name: string, profile: OperatorProfile): ProfileBinding {
  const problem = bindingProblem(profile);
  const [binding] = bindingsOf(profile);
  if (problem !== undefined || binding === undefined) throw new ProfileInvalidError(name, problem ?? "");
  return binding;
}

/** What is wrong with the binding; completes a sentence that begins with the profile. */
export function bindingProblem(profile: OperatorProfile): string | undefined {
  const kinds = bindingsOf(profile).map(({ kind }) => kind);
  if (kinds.length === 1) return undefined;
  return kinds.length === 0 ? "names none of server, cluster and store" : `names ${kinds.join(" and ")}`;
}

/** Where a binding leads; null when it names a server that is not defined. */
export function endpointOf({ servers, clusters }: OperatorConfig, { kind, target }: ProfileBinding): string | null {
  if (kind === "server") return servers.get(target)?.url ?? null;
  return kind === "cluster" ? (clusters.get(target)?.root ?? target) : target;
}

function bindingsOf({ server, cluster, store }: OperatorProfile): readonly ProfileBinding[] {
  const candidates = [["server", server], ["cluster", cluster], ["store", store]] as const;
  return candidates.flatMap(([kind, target]) => (target === undefined ? [] : [{ kind, target }]));
}
