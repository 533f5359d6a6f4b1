import { accessOf, type DataTarget } from "./addressing/target.js";
import { ConsentRequiredError } from "./errors.js";
import type { Io } from "./io.js";

export interface WriteIntent {
  /** As it shows in messages. */
  readonly command: string;
  readonly address: DataTarget;
  /** Needs consent when the target is not local (§7.2). */
  readonly destructive: boolean;
}

export interface ConsentFlags {
  readonly yes?: boolean;
  readonly quiet?: boolean;
  readonly json?: boolean;
}

/** Asks for consent where it is due, then says on stderr what is about to be written where (§7). */
export async function confirmWrite(io: Io, intent: WriteIntent, flags: ConsentFlags): Promise<void> {
  const { address, command } = intent;
  if (intent.destructive && !address.isLocal && flags.yes !== true) {
    const mayAsk = flags.json !== true && io.stdin.isTTY;
    if (!mayAsk || !(await consent(io, intent))) throw new ConsentRequiredError(command, address.uri);
  }
  if (flags.quiet !== true) await io.stderr.write(`omnigraph ${command} → ${address.uri} (${accessOf(address)})\n`);
}

async function consent(io: Io, intent: WriteIntent): Promise<boolean> {
  await io.stderr.write(`'${intent.command}' destroys data in ${intent.address.uri}. Continue? [y/N] `);
  const answer = (await io.stdin.line())?.trim().toLowerCase();
  return answer === "y" || answer === "yes";
}
