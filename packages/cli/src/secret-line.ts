import type { ReadStream } from "node:tty";

const CTRL_C = "\u0003";
const CTRL_D = "\u0004";
const CTRL_U = "\u0015";
const BACKSPACES = new Set(["\b", "\u007f"]);

/**
 * One line typed at a terminal that shows nothing of it. Ctrl-C stops the process as it would without this.
 *
 * @returns undefined when the input ends before a line does
 */
export function readSecretLine(terminal: ReadStream): Promise<string | undefined> {
  const typed: string[] = [];
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      terminal.off("data", take).off("end", end).off("error", fail);
      terminal.setRawMode(false);
      terminal.pause();
      settle();
    };
    const end = (): void => finish(() => resolve(undefined));
    const fail = (error: Error): void => finish(() => reject(error));
    const take = (chunk: string): void => {
      for (const character of chunk) {
        if (character === "\r" || character === "\n") return finish(() => resolve(typed.join("")));
        if (character === CTRL_D && typed.length === 0) return end();
        if (character === CTRL_C) process.kill(process.pid, "SIGINT");
        else if (character === CTRL_U) typed.length = 0;
        else if (BACKSPACES.has(character)) typed.pop();
        else typed.push(character);
      }
    };
    terminal.setRawMode(true);
    terminal.setEncoding("utf8").on("data", take).on("end", end).on("error", fail).resume();
  });
}
