import { Argument } from "commander";
import type { CommandDefinition } from "../command-definition.js";
import type { CompletionCommand } from "../completion/completion-model.js";
import { EXIT } from "../exit-code.js";

type Shell = "bash" | "zsh" | "fish";

const SHELLS: readonly Shell[] = ["bash", "zsh", "fish"];

const INSTALLATION = `
To install it, once:
  bash  echo 'source <(omnigraph completion bash)' >> ~/.bashrc
  zsh   echo 'source <(omnigraph completion zsh)' >> ~/.zshrc     (below 'compinit')
  fish  omnigraph completion fish > ~/.config/fish/completions/omnigraph.fish

A shell that starts slowly may read a file instead:
  bash  omnigraph completion bash > ~/.local/share/bash-completion/completions/omnigraph
  zsh   omnigraph completion zsh > "\${fpath[1]}/_omnigraph"
Write such a file again when omnigraph is updated.`;

export const completionCommand: CommandDefinition = {
  path: ["completion"],
  capability: "local",
  summary: "print a script that lets a shell complete commands, flags and files",
  accepts: [],
  examples: ["source <(omnigraph completion bash)", "omnigraph completion fish > ~/.config/fish/completions/omnigraph.fish"],
  declare(command) {
    command.addArgument(new Argument("<SHELL>", "shell to complete in").choices(SHELLS)).addHelpText("after", INSTALLATION);
  },
  async run({ io, positionals, grammar }) {
    const { completionModel, valueFlags } = await import("../completion/completion-model.js");
    const render = await rendererOf(positionals[0] as Shell);
    await io.stdout.write(render(completionModel(grammar), valueFlags(grammar)));
    return EXIT.success;
  },
};

async function rendererOf(shell: Shell): Promise<(model: CompletionCommand, valueFlags: readonly string[]) => string> {
  switch (shell) {
    case "bash":
      return (await import("../completion/bash-script.js")).bashScript;
    case "zsh":
      return (await import("../completion/zsh-script.js")).zshScript;
    case "fish":
      return (await import("../completion/fish-script.js")).fishScript;
  }
}
