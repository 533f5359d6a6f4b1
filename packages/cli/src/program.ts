import { Command, Option } from "commander";
import type { Capability, CommandDefinition, GlobalFlag } from "./command-definition.js";
import { aliasCommand } from "./commands/alias.js";
import { blobGetCommand } from "./commands/blob-get.js";
import { blobStatCommand } from "./commands/blob-stat.js";
import { branchCreateCommand } from "./commands/branch-create.js";
import { branchDeleteCommand } from "./commands/branch-delete.js";
import { branchListCommand } from "./commands/branch-list.js";
import { branchMergeCommand } from "./commands/branch-merge.js";
import { changesBaselineCommand } from "./commands/changes-baseline.js";
import { changesPollCommand } from "./commands/changes-poll.js";
import { cleanupCommand } from "./commands/cleanup.js";
import { clusterApplyCommand } from "./commands/cluster-apply.js";
import { clusterApproveCommand } from "./commands/cluster-approve.js";
import { clusterForceUnlockCommand } from "./commands/cluster-force-unlock.js";
import { clusterImportCommand } from "./commands/cluster-import.js";
import { clusterPlanCommand } from "./commands/cluster-plan.js";
import { clusterRefreshCommand } from "./commands/cluster-refresh.js";
import { clusterStatusCommand } from "./commands/cluster-status.js";
import { clusterValidateCommand } from "./commands/cluster-validate.js";
import { commitChangesCommand } from "./commands/commit-changes.js";
import { commitListCommand } from "./commands/commit-list.js";
import { commitShowCommand } from "./commands/commit-show.js";
import { completionCommand } from "./commands/completion.js";
import { configMigrateCommand } from "./commands/config-migrate.js";
import { diffCommand } from "./commands/diff.js";
import { embedCommand } from "./commands/embed.js";
import { ensureIndicesCommand } from "./commands/ensure-indices.js";
import { explainCommand } from "./commands/explain.js";
import { exportCommand } from "./commands/export.js";
import { graphsListCommand } from "./commands/graphs-list.js";
import { ingestCommand } from "./commands/ingest.js";
import { initCommand } from "./commands/init.js";
import { lintCommand } from "./commands/lint.js";
import { loadCommand } from "./commands/load.js";
import { loginCommand } from "./commands/login.js";
import { logoutCommand } from "./commands/logout.js";
import { mcpCommand } from "./commands/mcp.js";
import { mutateCommand } from "./commands/mutate.js";
import { optimizeCommand } from "./commands/optimize.js";
import { profileListCommand } from "./commands/profile-list.js";
import { profileShowCommand } from "./commands/profile-show.js";
import { policyExplainCommand } from "./commands/policy-explain.js";
import { policyTestCommand } from "./commands/policy-test.js";
import { policyValidateCommand } from "./commands/policy-validate.js";
import { queriesListCommand } from "./commands/queries-list.js";
import { queriesValidateCommand } from "./commands/queries-validate.js";
import { queryCommand } from "./commands/query.js";
import { schemaApplyCommand } from "./commands/schema-apply.js";
import { recoveryListCommand } from "./commands/recovery-list.js";
import { repairCommand } from "./commands/repair.js";
import { schemaPlanCommand } from "./commands/schema-plan.js";
import { schemaShowCommand } from "./commands/schema-show.js";
import { snapshotCommand } from "./commands/snapshot.js";
import { versionCommand } from "./commands/version.js";
import { takesFlag } from "./addressing/guard.js";
import { DURABILITIES } from "./environment.js";
import { VERSION } from "./version.js";

/** Every command, in the order help lists them (§2). */
export const COMMANDS: readonly CommandDefinition[] = [
  queryCommand,
  explainCommand,
  mutateCommand,
  aliasCommand,
  loadCommand,
  ingestCommand,
  branchCreateCommand,
  branchListCommand,
  branchDeleteCommand,
  branchMergeCommand,
  snapshotCommand,
  exportCommand,
  blobGetCommand,
  blobStatCommand,
  commitListCommand,
  commitShowCommand,
  commitChangesCommand,
  changesPollCommand,
  changesBaselineCommand,
  diffCommand,
  recoveryListCommand,
  schemaPlanCommand,
  schemaApplyCommand,
  schemaShowCommand,
  graphsListCommand,
  mcpCommand,
  initCommand,
  optimizeCommand,
  ensureIndicesCommand,
  repairCommand,
  cleanupCommand,
  lintCommand,
  queriesValidateCommand,
  queriesListCommand,
  clusterValidateCommand,
  clusterPlanCommand,
  clusterApplyCommand,
  clusterApproveCommand,
  clusterStatusCommand,
  clusterRefreshCommand,
  clusterImportCommand,
  clusterForceUnlockCommand,
  policyValidateCommand,
  policyTestCommand,
  policyExplainCommand,
  embedCommand,
  loginCommand,
  logoutCommand,
  profileListCommand,
  profileShowCommand,
  configMigrateCommand,
  versionCommand,
  completionCommand,
];

const GROUP_SUMMARIES: Readonly<Record<string, string>> = {
  blob: "large values of a graph",
  branch: "branches of a graph",
  changes: "feed of what commits change",
  cluster: "a cluster declared by its cluster.yaml",
  config: "old configuration files",
  commit: "history of a graph",
  graphs: "graphs of a server",
  policy: "who may do what",
  profile: "named scopes of the operator configuration",
  queries: "stored queries of a graph in a cluster",
  recovery: "what became of interrupted writes",
  schema: "schema of a graph",
};

const ADDRESS_GROUP = "Where:";
const WRITE_GROUP = "Writing:";

interface GlobalOption {
  readonly flag: GlobalFlag;
  readonly syntax: string;
  readonly help: string;
  readonly group: string;
}

const GLOBAL_OPTIONS: readonly GlobalOption[] = [
  { flag: "server", syntax: "--server <NAME|URL>", help: "server to ask: a name of the operator configuration, or a URL", group: ADDRESS_GROUP },
  { flag: "cluster", syntax: "--cluster <DIR|URI>", help: "cluster: a folder, a storage root or a name of the operator configuration", group: ADDRESS_GROUP },
  { flag: "graph", syntax: "--graph <ID>", help: "graph of the server or cluster", group: ADDRESS_GROUP },
  { flag: "store", syntax: "--store <URI>", help: "storage location of the graph", group: ADDRESS_GROUP },
  { flag: "uri", syntax: "--uri <URI>", help: "same as the positional graph URI", group: ADDRESS_GROUP },
  { flag: "profile", syntax: "--profile <NAME>", help: "scope of the operator configuration (default: $OMNIGRAPH_PROFILE)", group: ADDRESS_GROUP },
  { flag: "target", syntax: "--target <NAME>", help: "graph of the older omnigraph.yaml (deprecated)", group: ADDRESS_GROUP },
  { flag: "config", syntax: "--config <PATH>", help: "path of the older omnigraph.yaml (deprecated)", group: ADDRESS_GROUP },
  { flag: "as", syntax: "--as <ACTOR>", help: "actor to record with writes to a store; a server takes it from the token", group: WRITE_GROUP },
  { flag: "yes", syntax: "--yes", help: "consent to destructive writes to a target that is not local", group: WRITE_GROUP },
  { flag: "durability", syntax: "--durability <LEVEL>", help: `what a write to a store survives when it is reported as done: ${DURABILITIES.join(", ")}`, group: WRITE_GROUP },
  { flag: "quiet", syntax: "--quiet", help: "do not announce the target of a write", group: WRITE_GROUP },
];

/** On `cluster …`, `--config` names something else, and there is no server that would know the actor (§10.20). */
const CLUSTER_COMMAND_OPTIONS: readonly GlobalOption[] = GLOBAL_OPTIONS.map((option) => {
  if (option.flag === "config") return { ...option, syntax: "--config <DIR>", help: "folder with cluster.yaml (default: the working directory)" };
  if (option.flag === "as") return { ...option, help: "actor to record (default: that of the operator configuration)" };
  return option.flag === "quiet" ? { ...option, help: "do not show progress" } : option;
});

/** How help explains each capability, and with which flags it is addressed (§1.4). */
const CAPABILITY_LEGEND: Readonly<Record<Capability, string>> = {
  any: "works on data: --server [--graph], --store, --uri, --profile or a positional URI; writes also take --as",
  served: "asks a server: --server or --profile",
  direct: "works on the storage itself: --store, --uri, a positional URI, --cluster --graph or --profile",
  control: "works on a cluster: --cluster [--graph] or --profile; 'cluster' takes --config",
  local: "needs no graph and takes no address",
};

export type RunCommand = (definition: CommandDefinition, parsed: Command) => Promise<void>;

/** The grammar of the whole command line. `runCommand` is called for the command that the arguments name. */
export function buildProgram(runCommand: RunCommand): Command {
  const program = new Command("omnigraph")
    .description("A typed property graph with atomic commits, on files or behind a server.")
    .version(`omnigraph ${VERSION}`, "-v, --version", "print the version")
    .helpOption("-h, --help", "print help")
    .helpCommand(false)
    .enablePositionalOptions()
    .addHelpText("after", capabilityLegend());
  addGlobalOptions(program, () => true);
  const groups = new Map<string, Command>();
  for (const definition of COMMANDS) {
    const [first, second] = definition.path;
    const parent = second === undefined ? program : (groups.get(first) ?? addGroup(program, first, groups));
    const command = parent.command(second ?? first, { hidden: definition.isHidden === true }).summary(definition.summary).description(capitalized(definition.summary));
    definition.declare(command);
    const globals = definition.takesClusterFolder === true ? CLUSTER_COMMAND_OPTIONS : GLOBAL_OPTIONS;
    addGlobalOptions(command, (flag) => definition.accepts.includes(flag) || (flag === "durability" && takesFlag(definition, flag)), globals);
    command.addHelpText("after", `\nExamples:\n${definition.examples.map((example) => `  ${example}`).join("\n")}`);
    command.action(() => runCommand(definition, command));
  }
  return program;
}

function capabilityLegend(): string {
  const sections = Object.entries(CAPABILITY_LEGEND).map(([capability, meaning]) => {
    const names = new Set(COMMANDS.filter((definition) => definition.capability === capability && definition.isHidden !== true).map(legendName));
    return `  ${capability.padEnd(8)}${meaning}\n          ${[...names].join(", ")}`;
  });
  return `\nCapabilities:\n${sections.join("\n")}`;
}

/** A group whose commands have one capability stands for all of them. */
function legendName({ path, capability }: CommandDefinition): string {
  const group = COMMANDS.filter((definition) => definition.path[0] === path[0]);
  return group.every((definition) => definition.capability === capability) ? path[0] : path.join(" ");
}

function addGroup(program: Command, name: string, groups: Map<string, Command>): Command {
  const group = program.command(name).summary(GROUP_SUMMARIES[name] ?? name).description(capitalized(GROUP_SUMMARIES[name] ?? name));
  group.helpCommand(false).enablePositionalOptions();
  addGlobalOptions(group, () => false);
  groups.set(name, group);
  return group;
}

/** Global flags stand before or after the command (§1.5), so every level recognises them; help shows where they apply. */
function addGlobalOptions(command: Command, isShown: (flag: GlobalFlag) => boolean, options: readonly GlobalOption[] = GLOBAL_OPTIONS): void {
  for (const { flag, syntax, help, group } of options) {
    command.addOption(new Option(syntax, help).helpGroup(group).hideHelp(!isShown(flag)));
  }
}

function capitalized(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}
