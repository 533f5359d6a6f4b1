import { parseArgs } from "node:util";
import { ServerUsageError } from "./errors.js";

/** What the arguments say; absent members leave the choice to variables and defaults. */
export interface ServerArguments {
  readonly isHelp: boolean;
  readonly isVersion: boolean;
  readonly cluster?: string;
  readonly bind?: string;
  readonly isUnauthenticated: boolean;
  readonly isQuarantine: boolean;
  readonly isRequireAllGraphs: boolean;
  readonly isMetrics: boolean;
  readonly reloadPollSeconds?: number;
  /** Legacy: the graph to serve. */
  readonly uri?: string;
  readonly target?: string;
  readonly config?: string;
}

const OPTIONS = {
  help: { type: "boolean", short: "h" },
  version: { type: "boolean", short: "V" },
  cluster: { type: "string" },
  bind: { type: "string" },
  unauthenticated: { type: "boolean" },
  quarantine: { type: "boolean" },
  "require-all-graphs": { type: "boolean" },
  metrics: { type: "boolean" },
  "reload-poll": { type: "string" },
  target: { type: "string" },
  config: { type: "string" },
} as const;

/** @throws ServerUsageError */
export function parseArguments(args: readonly string[]): ServerArguments {
  const { values, positionals } = parse(args);
  const [uri, ...more] = positionals;
  if (more.length > 0) throw new ServerUsageError(`unexpected argument '${more[0] ?? ""}'`);
  const poll = values["reload-poll"];
  return {
    isHelp: values.help ?? false,
    isVersion: values.version ?? false,
    isUnauthenticated: values.unauthenticated ?? false,
    isQuarantine: values.quarantine ?? false,
    isRequireAllGraphs: values["require-all-graphs"] ?? false,
    isMetrics: values.metrics ?? false,
    ...(poll === undefined ? {} : { reloadPollSeconds: secondsOf(poll) }),
    ...(values.cluster === undefined ? {} : { cluster: values.cluster }),
    ...(values.bind === undefined ? {} : { bind: values.bind }),
    ...(uri === undefined ? {} : { uri }),
    ...(values.target === undefined ? {} : { target: values.target }),
    ...(values.config === undefined ? {} : { config: values.config }),
  };
}

function parse(args: readonly string[]): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new ServerUsageError((error as Error).message.split(". To specify", 1)[0] ?? "bad arguments");
  }
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (!/^\d+(\.\d+)?$/.test(text) || seconds > 86_400) throw new ServerUsageError(`--reload-poll takes seconds from 0 (off) to 86400, not '${text}'`);
  return seconds;
}

export const HELP = `Usage: omnigraph-server --cluster <DIR|URI> [options]

Serves what a cluster has applied over HTTP.

Options:
  --cluster <DIR|URI>      configuration directory, or storage root
                           (s3://bucket/prefix, file:///srv/og)
  --bind <ADDR>            address to listen on; port 0 takes a free one
                           (default: 127.0.0.1:8080)
  --unauthenticated        let everybody in; only without tokens and without
                           policy bundles
  --quarantine             serve the ready graphs although others are not
  --require-all-graphs     state the default: refuse to start when a graph is
                           not ready
  --reload-poll <SECONDS>  look for a newly applied revision this often
                           (default: 0, only on SIGHUP)
  --metrics                serve Prometheus metrics on /metrics
  -V, --version            print the version
  -h, --help               print this help

Tokens come from OMNIGRAPH_SERVER_BEARER_TOKENS_FILE,
OMNIGRAPH_SERVER_BEARER_TOKENS_JSON or OMNIGRAPH_SERVER_BEARER_TOKEN.
Further settings are environment variables.

Legacy: omnigraph-server [URI] [--target NAME] [--config FILE] serves what an
omnigraph.yaml describes.

Signals: SIGTERM and SIGINT finish running requests and exit; SIGHUP picks up
a newly applied revision.

Examples:
  omnigraph-server --cluster ./deploy --unauthenticated
  omnigraph-server --cluster s3://acme/prod --bind 0.0.0.0:8080 --reload-poll 5
`;
