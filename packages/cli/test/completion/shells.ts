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

/** Stands between the answers to two lines. */
const SEPARATOR = "----";

/**
 * What one real shell offers where each of these lines ends, sorted. All lines are typed into the same shell, one after the other: to
 * start one takes longer than to ask it.
 *
 * @param lines words after `omnigraph`, as the shell splits them; the last one is being typed
 */
export function offered(shell: Shell, script: string, lines: readonly (readonly string[])[], { path }: CompletionFolder): readonly (readonly string[])[] {
  writeFileSync(join(path, ".script"), script);
  const file = join(path, ".program");
  writeFileSync(file, shell === "bash" ? bashProgram(lines) : shell === "zsh" ? zshProgram(lines) : fishProgram(lines));
  const flags = shell === "bash" ? ["--noprofile", "--norc"] : shell === "zsh" ? ["-f"] : ["--no-config"];
  const ran = spawnSync(shell, [...flags, file], { cwd: path, encoding: "utf8", env: { PATH: process.env["PATH"], HOME: path, TERM: "dumb" }, timeout: 60_000 });
  if (ran.status !== 0 || ran.stderr !== "") throw new Error(`${shell} failed (${ran.status ?? "killed"}): ${ran.stderr}${ran.stdout}`);
  const answers = ran.stdout.split(`${SEPARATOR}\n`).slice(0, -1);
  if (answers.length !== lines.length) throw new Error(`${shell} answered ${answers.length} of ${lines.length} lines: ${ran.stdout}`);
  return answers.map((answer) => [...new Set(answer.split("\n").filter((line) => line !== ""))].sort());
}

/** What `complete -F` does. `compopt` works only while a key is handled. */
function bashProgram(lines: readonly (readonly string[])[]): string {
  const typed = lines.map(
    (words) => `COMPREPLY=()
COMP_WORDS=(omnigraph ${words.map(quoted).join(" ")})
COMP_CWORD=${words.length}
"$function"
printf '%s\\n' "\${COMPREPLY[@]}" ${SEPARATOR}
`,
  );
  return `source ./.script
compopt() { :; }
function=$(complete -p omnigraph | sed 's/.*-F \\([^ ]*\\).*/\\1/')
${typed.join("")}`;
}

function fishProgram(lines: readonly (readonly string[])[]): string {
  const typed = lines.map((words) => `complete -C ${quoted(`omnigraph ${words.join(" ")}`)} | string split -f1 \\t; echo ${SEPARATOR}\n`);
  return `source ./.script\n${typed.join("")}true\n`;
}

/** A shell on a terminal of its own, whose \`compadd\` tells what would be shown. */
function zshProgram(lines: readonly (readonly string[])[]): string {
  const typed = lines.map(
    (words) => `: > .hits
rm -f .done
zpty -n -w inner ${quoted(`omnigraph ${words.join(" ")}`)}$'\\t\\x18'
repeat 1000; do [[ -s .done ]] && break; sleep 0.01; done
[[ -s .done ]] || exit 9
while read -r hit; do print -r -- \${(Q)hit}; done < .hits
print -r -- ${SEPARATOR}
`,
  );
  return `zmodload zsh/zpty
zpty -b inner zsh -f -i
say() { zpty -w inner "$1"; }
say 'PROMPT= ; autoload -U compinit; compinit -C -d ./.dump; source ./.script'
say 'compadd() { if [[ " $* " == *" -"[OAD]" "* ]]; then builtin compadd "$@"; return; fi; local -a hits; builtin compadd -A hits "$@"; print -rl -- $hits >> .hits; builtin compadd "$@"; }'
say 'finish() { BUFFER=; print done > .done; }; zle -N finish; bindkey "^I" complete-word; bindkey "^X" finish'
say 'print ready > .ready'
repeat 1000; do [[ -s .ready ]] && break; sleep 0.01; done
${typed.join("")}rm -f .ready .done
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
