import { type CompletionCommand, type CompletionOption, type CompletionValues, everyCommand } from "./completion-model.js";

/** A script for zsh, to be sourced or to lie as `_omnigraph` in a folder of `$fpath`. */
export function zshScript(root: CompletionCommand): string {
  return `#compdef omnigraph
# zsh completion of omnigraph. Made by 'omnigraph completion zsh'.

${[...everyCommand(root)].map(completionFunction).join("\n")}
# Sourced, it registers itself; loaded from $fpath, it is called.
if [[ $funcstack[1] == _omnigraph ]]; then
  _omnigraph "$@"
else
  compdef _omnigraph omnigraph
fi
`;
}

function completionFunction(command: CompletionCommand): string {
  return command.commands.length === 0 ? leafFunction(command) : groupFunction(command);
}

function leafFunction(command: CompletionCommand): string {
  const positionals = command.positionals.map(({ name, value, isRepeatable }, at) => quoted(`${isRepeatable ? "*" : String(at + 1)}:${escaped(name)}:${action(value)}`));
  return `${nameOf(command)}() {\n  ${["_arguments -s -S", ...command.options.flatMap(optionSpecs), ...positionals].join(" \\\n    ")}\n}\n`;
}

function groupFunction(command: CompletionCommand): string {
  const names = command.commands.map((child) => `    ${quoted(`${child.path.at(-1) ?? ""}:${escaped(child.summary)}`)}`);
  const calls = command.commands.map((child) => `        ${child.path.at(-1) ?? ""}) ${nameOf(child)} ;;`);
  return `${nameOf(command)}() {
  local curcontext="$curcontext" state line
  typeset -A opt_args
  local -a commands
  commands=(
${names.join("\n")}
  )
  ${["_arguments -s -S -C", ...command.options.flatMap(optionSpecs), "'1: :->command'", "'*:: :->arguments'"].join(" \\\n    ")}
  case $state in
    command) _describe -t commands 'command' commands ;;
    arguments)
      curcontext="\${curcontext%:*:*}:omnigraph-$line[1]:"
      case $line[1] in
${calls.join("\n")}
      esac ;;
  esac
}
`;
}

function nameOf({ path }: CompletionCommand): string {
  return ["_omnigraph", ...path].join("_").replaceAll("-", "_");
}

/** One per spelling; a flag that was given is not offered again, in either spelling. */
function optionSpecs({ long, short, description, value, isRepeatable }: CompletionOption): readonly string[] {
  const flags = [...(short === undefined ? [] : [short]), long];
  const exclusion = isRepeatable ? "*" : flags.length === 1 ? "" : `(${flags.join(" ")})`;
  const argument = value === undefined ? "" : `: :${action(value)}`;
  // A long flag takes its value as the next word or after '='.
  return flags.map((flag) => quoted(`${exclusion}${flag}${value !== undefined && flag.startsWith("--") ? "=" : ""}[${escaped(description)}]${argument}`));
}

function action(value: CompletionValues): string {
  switch (value.kind) {
    case "choices":
      return `(${value.choices.join(" ")})`;
    case "files":
      return "_files";
    case "folders":
      return "_files -/";
    case "text":
      return "";
  }
}

function escaped(text: string): string {
  return text.replaceAll(/[[\]:\\]/g, String.raw`\$&`);
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
