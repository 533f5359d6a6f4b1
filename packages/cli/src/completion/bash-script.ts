import { type CompletionCommand, type CompletionValues, everyCommand } from "./completion-model.js";

/**
 * A script for bash 3.2 and newer that needs nothing else: no other package of completions, and no start of the program while
 * the user types.
 *
 * @param valueFlags those whose next word is their value
 */
export function bashScript(root: CompletionCommand, valueFlags: readonly string[]): string {
  const commands = [...everyCommand(root)];
  return `# bash completion of omnigraph. Made by 'omnigraph completion bash'.

_omnigraph() {
  local IFS=$' \\t\\n'
  local path="" expects="" candidate cur raw word glue="" at position=0 only_arguments=""
  local words=()
  COMPREPLY=()
  # The shell splits words at '=' and ':'; here '--mode=append' and 's3://bucket' are one word each.
  for ((at = 1; at <= COMP_CWORD; at++)); do
    word=\${COMP_WORDS[at]-}
    if [[ \${#words[@]} -gt 0 && ( -n $glue || $word == "=" || $word == ":" || $word == "://"* ) ]]; then
      words[\${#words[@]}-1]+=$word
    else
      words+=("$word")
    fi
    glue=""
    if [[ $word == *[=:] ]]; then glue=1; fi
  done
  raw=\${COMP_WORDS[COMP_CWORD]-}
  if [[ $raw == "=" || $raw == ":" ]]; then raw=""; fi
  cur=\${words[\${#words[@]}-1]-}

${wordLoop(commands, valueFlags)}

  if [[ -n $expects ]]; then
    _omnigraph_value "$path" "$expects" "$raw"
  elif [[ -z $only_arguments && $cur == --*=* ]]; then
    _omnigraph_value "$path" "\${cur%%=*}" "$raw"
  elif [[ -z $only_arguments && $cur == -* ]]; then
    _omnigraph_flags "$path" "$raw"
  else
    _omnigraph_argument "$path" "$position" "$raw"
  fi
}

_omnigraph_words() {
  COMPREPLY=($(compgen -W "$1" -- "$2"))
}

_omnigraph_paths() {
  local IFS=$'\\n'
  # Before bash 4 the shell's own completion of files takes over.
  if type compopt >/dev/null 2>&1; then
    compopt -o filenames 2>/dev/null
    COMPREPLY=($(compgen "$1" -- "$2"))
  fi
}

_omnigraph_flags() {
  case $1 in
${commands.map((command) => `    ${quoted(command.path.join(" "))}) _omnigraph_words ${quoted(flagsOf(command).join(" "))} "$2" ;;`).join("\n")}
  esac
}

_omnigraph_argument() {
  case $1 in
${commands.flatMap(argumentLines).join("\n")}
  esac
}

_omnigraph_value() {
  case "$1 $2" in
${valueLines(commands).join("\n")}
  esac
}

if type compopt >/dev/null 2>&1; then
  complete -F _omnigraph omnigraph
else
  complete -o default -F _omnigraph omnigraph
fi
`;
}

/** Walks over the finished words: which command they name, how many arguments it has, and whether a flag waits for its value. */
function wordLoop(commands: readonly CompletionCommand[], valueFlags: readonly string[]): string {
  return `  for ((at = 0; at < \${#words[@]} - 1; at++)); do
    word=\${words[at]}
    if [[ -n $expects ]]; then expects=""; continue; fi
    if [[ -n $only_arguments ]]; then position=$((position + 1)); continue; fi
    case $word in
      --) only_arguments=1 ;;
${wrapped(valueFlags, "|", "      ", ") expects=$word ;;")}
      -*) ;;
      *)
        candidate="\${path:+$path }$word"
        case $candidate in
${wrapped(commands.slice(1).map(({ path }) => quoted(path.join(" "))), "|", "          ", ") path=$candidate ;;")}
          *) position=$((position + 1)) ;;
        esac ;;
    esac
  done`;
}

function flagsOf({ options }: CompletionCommand): readonly string[] {
  return options.flatMap(({ long, short }) => (short === undefined ? [long] : [short, long]));
}

function argumentLines({ path, commands, positionals }: CompletionCommand): readonly string[] {
  const at = quoted(path.join(" "));
  if (commands.length > 0) return [`    ${at}) if [[ $2 == 0 ]]; then _omnigraph_words ${quoted(commands.map((command) => command.path.at(-1)).join(" "))} "$3"; fi ;;`];
  const offered = positionals.flatMap(({ value, isRepeatable }, position) => (value.kind === "text" ? [] : [`${isRepeatable ? "*" : String(position)}) ${action(value, "$3")} ;;`]));
  return offered.length === 0 ? [] : [`    ${at}) case $2 in ${offered.join(" ")} esac ;;`];
}

/** A flag that takes the same everywhere has one line. */
function valueLines(commands: readonly CompletionCommand[]): readonly string[] {
  const taken = new Map<string, Map<string, string>>();
  for (const { path, options } of commands) {
    for (const { long, short, value } of options) {
      if (value === undefined) continue;
      for (const flag of short === undefined ? [long] : [long, short]) {
        const byCommand = taken.get(flag) ?? new Map<string, string>();
        taken.set(flag, byCommand.set(path.join(" "), action(value, "$3")));
      }
    }
  }
  return [...taken].flatMap(([flag, byCommand]) => {
    const actions = new Set(byCommand.values());
    const cases: readonly (readonly [string, string])[] = actions.size === 1
      ? [...actions].map((only) => [`*${quoted(` ${flag}`)}`, only] as const)
      : [...byCommand].map(([path, its]) => [quoted(`${path} ${flag}`), its] as const);
    return cases.filter(([, its]) => its !== NOTHING).map(([pattern, its]) => `    ${pattern}) ${its} ;;`);
  });
}

const NOTHING = ":";

function action(value: CompletionValues, current: string): string {
  switch (value.kind) {
    case "choices":
      return `_omnigraph_words ${quoted(value.choices.join(" "))} "${current}"`;
    case "files":
      return `_omnigraph_paths -f "${current}"`;
    case "folders":
      return `_omnigraph_paths -d "${current}"`;
    case "text":
      return NOTHING;
  }
}

function wrapped(items: readonly string[], separator: string, indent: string, end: string): string {
  const lines: string[] = [];
  let line = "";
  for (const item of items) {
    if (line !== "" && line.length + item.length > 100) {
      lines.push(line);
      line = "";
    }
    line += `${line === "" ? "" : separator}${item}`;
  }
  return [...lines, line].map((text, at, all) => `${indent}${text}${at === all.length - 1 ? end : `${separator}\\`}`).join("\n");
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
