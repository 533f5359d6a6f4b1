import { dirname, join } from "node:path";
import type { AppliedPolicyBinding, LegacyFile } from "@omnigraphdb/cluster";
import type { CompiledPolicy, PolicyBundleKind } from "@omnigraphdb/policy";
import { type Command, Option } from "commander";
import { isClusterAddressed, resolveClusterTarget } from "./addressing/resolve-target.js";
import type { GlobalFlags, Invocation } from "./command-definition.js";
import { PolicySelectionError, UsageError } from "./errors.js";
import { readInputText, STDIN_PATH } from "./input-source.js";
import { legacyFileOf, legacyGraph } from "./legacy/legacy-layer.js";

/** Own flags of the commands on policies. */
export interface PolicyFlags {
  readonly file?: string;
  readonly kind?: PolicyBundleKind;
  readonly json?: boolean;
}

/** The text of one bundle, and what it decides about. */
export interface PolicySource {
  /** Name of the applied bundle, or path of the file as given. */
  readonly name: string;
  readonly text: string;
  /** Undefined where only the bundle itself can say. */
  readonly kind: PolicyBundleKind | undefined;
  readonly graphId: string | undefined;
  /** Where its test cases are unless something else is said; an applied bundle has none. */
  readonly testsFile: string | undefined;
}

/** How bindings of bundles call the cluster itself, as opposed to its graphs. */
const CLUSTER_SCOPE = "cluster";
const TESTS_FILE = "policy.tests.yaml";

export function declarePolicySource(command: Command): void {
  command
    .option("--file <FILE>", "bundle to use, - for stdin, instead of one that is applied")
    .addOption(new Option("--kind <KIND>", "what the bundle of --file decides about (default: what fits it)").choices(["graph", "server"]))
    .option("--json", "print a JSON document");
}

/** From a file that is named, else the applied bundles of a cluster, else the legacy file (§10.21). */
export async function policySource(invocation: Invocation<PolicyFlags>): Promise<PolicySource> {
  const { io, command, flags } = invocation;
  if (flags.file !== undefined) return policyOfFile(invocation, flags.file);
  if (flags.kind !== undefined) throw new UsageError("--kind goes with --file; elsewhere the binding says what a bundle decides about", "Drop --kind.");
  const legacy = legacyFileOf(io);
  if (await isClusterAddressed(invocation)) return appliedPolicy(invocation);
  // Says that there is no file to look it up in.
  if (legacy === undefined && flags.target !== undefined) await legacyGraph(io, flags.target);
  if (legacy === undefined) throw new PolicySelectionError(`no policy addressed for '${command}'`, "Name a bundle with --file FILE, or a cluster that has applied one with --cluster DIR|URI or --profile NAME.");
  return legacyPolicy(invocation, legacy);
}

/** @throws PolicyBundleError */
export async function compileSource({ name, text, kind, graphId }: PolicySource): Promise<CompiledPolicy> {
  const { compilePolicy, parsePolicyBundle } = await import("@omnigraphdb/policy");
  const bundle = parsePolicyBundle(text, { source: name, ...(kind === undefined ? {} : { kind }) });
  return compilePolicy(bundle, graphId === undefined ? {} : { graphId });
}

const OTHER_SOURCES = ["cluster", "graph", "profile", "uri", "target"] as const satisfies readonly (keyof GlobalFlags)[];

async function policyOfFile({ io, flags }: Invocation<PolicyFlags>, file: string): Promise<PolicySource> {
  const other = OTHER_SOURCES.find((flag) => flags[flag] !== undefined);
  if (other !== undefined) throw new UsageError(`--file and --${other} exclude each other`, "Name the bundle in one way only.");
  const testsFile = file === STDIN_PATH ? undefined : join(dirname(file), TESTS_FILE);
  return { name: file, text: await readInputText(io, "--file", file), kind: flags.kind, graphId: undefined, testsFile };
}

async function appliedPolicy(invocation: Invocation<PolicyFlags>): Promise<PolicySource> {
  const { root, graphId: selected } = await resolveClusterTarget(invocation);
  const { openCluster } = await import("./addressing/open-cluster.js");
  const { readAppliedPolicies } = await import("@omnigraphdb/cluster");
  const policies = await readAppliedPolicies(await openCluster(invocation.io, root));
  const policy = selected === undefined ? onlyPolicy(root, policies) : policyBoundTo(root, policies, selected);
  const isOfCluster = selected === undefined ? policy.isOfCluster : selected === CLUSTER_SCOPE;
  const graphId = selected === undefined || isOfCluster ? policy.graphIds[0] : graphOf(selected);
  return { name: policy.name, text: await policy.readText(), kind: isOfCluster ? "server" : "graph", graphId, testsFile: undefined };
}

function onlyPolicy(root: string, policies: readonly AppliedPolicyBinding[]): AppliedPolicyBinding {
  const [only, ...others] = policies;
  if (only === undefined) throw new PolicySelectionError(`no policy is applied in the cluster ${root}`, "Declare one under 'policies' in its cluster.yaml and run 'omnigraph cluster apply'.");
  if (others.length > 0) throw new PolicySelectionError(`several policies are applied in the cluster ${root}: ${listed(policies)}`, `Say which graph is meant with --graph ID, or --graph ${CLUSTER_SCOPE} for the cluster itself.`);
  return only;
}

/** @param selected `cluster`, or a graph as in bindings: `crm` or `graph.crm` */
function policyBoundTo(root: string, policies: readonly AppliedPolicyBinding[], selected: string): AppliedPolicyBinding {
  const bound = policies.find(({ isOfCluster, graphIds }) => (selected === CLUSTER_SCOPE ? isOfCluster : graphIds.includes(graphOf(selected))));
  if (bound !== undefined) return bound;
  const subject = selected === CLUSTER_SCOPE ? "the cluster itself" : `graph '${graphOf(selected)}'`;
  throw new PolicySelectionError(`no policy of the cluster ${root} decides about ${subject}; ${policies.length === 0 ? "none is applied" : `applied: ${listed(policies)}`}`, "Name another graph, or bind a policy to it in cluster.yaml and run 'omnigraph cluster apply'.");
}

function graphOf(selected: string): string {
  return selected.replace(/^graph\./, "");
}

function listed(policies: readonly AppliedPolicyBinding[]): string {
  return policies.map(({ name, isOfCluster, graphIds }) => `'${name}' (${[...(isOfCluster ? [CLUSTER_SCOPE] : []), ...graphIds].join(", ")})`).join(", ");
}

/** Of the graph that is named, else of `cli.graph`, else of `server.graph`; without any, the one at the top of the file. */
async function legacyPolicy({ io, flags }: Invocation<PolicyFlags>, file: LegacyFile): Promise<PolicySource> {
  const selections = (["target", "graph", "uri"] as const).filter((flag) => flags[flag] !== undefined).map((flag) => `--${flag}`);
  if (selections.length > 1) throw new UsageError(`${selections.join(" and ")} exclude each other`, "Name the graph in one way only.");
  const isServer = flags.graph === CLUSTER_SCOPE;
  const name = flags.target ?? flags.graph ?? (flags.uri === undefined ? (file.cli.graph ?? file.server.graph) : undefined);
  const path = isServer ? file.server.policyFile : name === undefined ? file.policyFile : (await legacyGraph(io, name)).policyFile;
  if (path === undefined) throw new PolicySelectionError(`${file.path} names no policy for ${isServer ? "the server" : name === undefined ? "a graph without a name" : `graph '${name}'`}`, `${candidates(file)} A bundle of its own is checked with --file.`);
  const text = await readInputText(io, "policy file", path.resolved, false);
  return { name: path.written, text, kind: isServer ? "server" : "graph", graphId: isServer ? undefined : name, testsFile: join(dirname(path.resolved), TESTS_FILE) };
}

function candidates({ graphs, server, policyFile }: LegacyFile): string {
  const named = [...graphs].filter(([, graph]) => graph.policyFile !== undefined).map(([name]) => `--target ${name}`);
  const ways = [...named, ...(server.policyFile === undefined ? [] : [`--graph ${CLUSTER_SCOPE}`])];
  if (ways.length > 0) return `Select one with ${ways.join(" or ")}.`;
  return policyFile === undefined ? "Name one under 'policy.file'." : "Drop the selection of a graph.";
}

/** Path of the file of test cases. */
export function testsFileOf(flags: PolicyFlags & { readonly tests?: string }, source: PolicySource): string {
  if (flags.tests === STDIN_PATH && flags.file === STDIN_PATH) throw new UsageError("--file and --tests cannot both be read from stdin", "Name a file for one of them.");
  const file = flags.tests ?? source.testsFile;
  if (file === undefined) throw new UsageError("'policy test' needs --tests FILE: no file lies next to this policy", "Name a file of test cases.");
  return file;
}
