import type { PolicyRequest } from "@omnigraphdb/common";

export function allowanceMessage(actor: string, { action }: PolicyRequest): string {
  return `policy allows ${action} to actor '${actor}'`;
}

/** Names what was asked for and who asked, and nothing of the policy (policy specification 0.3, 4.5). */
export function denialMessage(actor: string, request: PolicyRequest): string {
  return `policy denies ${describe(request)} to actor '${actor}'`;
}

export function unknownActorMessage(actor: string, request: PolicyRequest): string {
  return `policy denies ${describe(request)} to unknown actor '${actor}'`;
}

function describe({ action, branch, targetBranch }: PolicyRequest): string {
  return `${action}${branch === undefined ? "" : ` on branch '${branch}'`}${targetBranch === undefined ? "" : ` with target branch '${targetBranch}'`}`;
}
