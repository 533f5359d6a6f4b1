import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCaptured } from "../captured-io.js";

export type Shell = "bash" | "zsh" | "fish";

export function isInstalled(shell: Shell): boolean {
  return spawnSync(shell, ["-c", "exit 0"]).status === 0;
}

export async function scriptOf(shell: Shell): Promise<string> {
  return (await runCaptured(["completion", shell])).stdout;
}

/** A folder with something to complete to. */
export class CompletionFolder implements Disposable {
  readonly path: string = mkdtempSync(join(tmpdir(), "omnigraph-completion-"));

  constructor() {
    mkdirSync(join(this.path, "orders.omni"));
    mkdirSync(join(this.path, "my depot"));
    // Names of commands are no less commands where folders have them.
    mkdirSync(join(this.path, "schema"));
    writeFileSync(join(this.path, "orders.pg"), "");
    writeFileSync(join(this.path, "two words.gq"), "");
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}

/**
 * What a real shell offers where a line ends, sorted.
 *
 * @param words of the line after `omnigraph`, as the shell splits them; the last one is being typed
 */
export function offered(shell: Shell, script: string, words: readonly string[], { path }: CompletionFolder): readonly string[] {
  writeFileSync(join(path, ".script"), script);
  const program = shell === "bash" ? bashProgram(words) : shell === "zsh" ? zshProgram(words) : fishProgram(words);
  const file = join(path, ".program");
  writeFileSync(file, program);
  const flags = shell === "bash" ? ["--noprofile", "--norc"] : shell === "zsh" ? ["-f"] : ["--no-config"];
  const ran = spawnSync(shell, [...flags, file], { cwd: path, encoding: "utf8", env: { PATH: process.env["PATH"], HOME: path, TERM: "dumb" }, timeout: 20_000 });
  if (ran.status !== 0 || ran.stderr !== "") throw new Error(`${shell} failed (${ran.status ?? "killed"}): ${ran.stderr}${ran.stdout}`);
  return [...new Set(ran.stdout.split("\n").filter((line) => line !== ""))].sort();
}

/** What `complete -F` does. `compopt` works only while a key is handled. */
function bashProgram(words: readonly string[]): string {
  return `source ./.script
compopt() { :; }
COMP_WORDS=(omnigraph ${words.map(quoted).join(" ")})
COMP_CWORD=${words.length}
$(complete -p omnigraph | sed 's/.*-F \\([^ ]*\\).*/\\1/')
printf '%s\\n' "\${COMPREPLY[@]}"
`;
}

function fishProgram(words: readonly string[]): string {
  return `source ./.script\ncomplete -C ${quoted(`omnigraph ${words.join(" ")}`)} | string split -f1 \\t; true\n`;
}

/** A shell on a terminal of its own, whose \`compadd\` tells what would be shown. */
function zshProgram(words: readonly string[]): string {
  return `zmodload zsh/zpty
zpty -b inner zsh -f -i
say() { zpty -w inner "$1"; }
say 'PROMPT= ; autoload -U compinit; compinit -C -d ./.dump; source ./.script'
say 'compadd() { if [[ " $* " == *" -"[OAD]" "* ]]; then builtin compadd "$@"; return; fi; local -a hits; builtin compadd -A hits "$@"; print -rl -- $hits >> .hits; builtin compadd "$@"; }'
say 'finish() { print done > .done; exit; }; zle -N finish; bindkey "^I" complete-word; bindkey "^X" finish'
: > .hits
say 'print ready > .ready'
repeat 400; do [[ -s .ready ]] && break; sleep 0.02; done
zpty -n -w inner ${quoted(`omnigraph ${words.join(" ")}`)}$'\\t\\x18'
repeat 400; do [[ -s .done ]] && break; sleep 0.02; done
[[ -s .done ]] || exit 9
while read -r hit; do print -r -- \${(Q)hit}; done < .hits
rm -f .ready .done
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
