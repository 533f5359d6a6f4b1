import { type CompletionCommand, type CompletionOption, type CompletionValues, everyCommand } from "./completion-model.js";

/**
 * A script for fish, to be sourced or to lie as `omnigraph.fish` in a folder of completions.
 *
 * @param valueFlags those whose next word is their value
 */
export function fishScript(root: CompletionCommand, valueFlags: readonly string[]): string {
  return `# fish completion of omnigraph. Made by 'omnigraph completion fish'.

# The words of the command line that are neither flags nor values of flags.
function __omnigraph_words
    set -l is_value 0
    for word in (commandline -opc)[2..-1]
        if test $is_value = 1
            set is_value 0
            continue
        end
        switch $word
            case ${valueFlags.join(" ")}
                set is_value 1
            case '-*'
            case '*'
                echo $word
        end
    end
end

# Whether exactly the given words have been typed.
function __omnigraph_is
    set -l words (__omnigraph_words)
    test "$words" = "$argv"
end

# Whether the command has been typed, possibly with arguments.
function __omnigraph_in
    set -l words (__omnigraph_words)
    test (count $words) -ge (count $argv); and test "$words[1..$(count $argv)]" = "$argv"
end

# Whether the command has been typed, with as many arguments as its first parameter says.
function __omnigraph_at
    set -l words (__omnigraph_words)
    __omnigraph_in $argv[2..-1]; and test (math (count $words) - (count $argv) + 1) = $argv[1]
end

complete -c omnigraph -f
${[...everyCommand(root)].flatMap(lines).join("\n")}
`;
}

function lines({ path, commands, options, positionals }: CompletionCommand): readonly string[] {
  const is = condition(["__omnigraph_is", ...path]);
  // A group and the program itself have flags of their own before the command only.
  const within = commands.length === 0 ? condition(["__omnigraph_in", ...path]) : is;
  return [
    ...commands.map((command) => `complete -c omnigraph -n ${is} -a ${command.path.at(-1) ?? ""} -d ${quoted(command.summary)}`),
    ...options.map((option) => `complete -c omnigraph -n ${within} ${optionPart(option)}`),
    ...positionals.flatMap(({ value, isRepeatable }, at) => {
      const offered = value.kind === "text" ? "" : valuePart(value, false);
      return offered === "" ? [] : [`complete -c omnigraph -n ${isRepeatable ? within : condition(["__omnigraph_at", String(at), ...path])} ${offered}`];
    }),
  ];
}

function condition(words: readonly string[]): string {
  return quoted(words.join(" "));
}

function optionPart({ long, short, description, value }: CompletionOption): string {
  const names = `${short === undefined ? "" : `-s ${short.slice(1)} `}-l ${long.slice(2)}`;
  return `${names} -d ${quoted(description)}${value === undefined ? "" : ` ${valuePart(value, true)}`}`;
}

function valuePart(value: CompletionValues, isOfOption: boolean): string {
  const only = isOfOption ? "-x " : "";
  switch (value.kind) {
    case "choices":
      return `${only}-a ${quoted(value.choices.join(" "))}`;
    case "files":
      return isOfOption ? "-r -F" : "-F";
    case "folders":
      return `${only}-a '(__fish_complete_directories)'`;
    case "text":
      return "-x";
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
