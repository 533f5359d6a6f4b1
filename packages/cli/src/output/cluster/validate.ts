import type { ValidateOutcome } from "@omnigraphdb/cluster";
import type { ClusterStyle } from "./cluster-style.js";
import { counted } from "./counted.js";
import { diagnosticDocument, diagnosticLines, severityCounts, type ShownDiagnostic } from "./diagnostics.js";
import { known } from "./state.js";

/** cluster.md §13.2. */
export function validateDocument({ isOk, configDirectory, configFile, resources, dependencies, diagnostics }: ValidateOutcome): object {
  return {
    ok: isOk,
    config_dir: configDirectory,
    config_file: configFile,
    resource_digests: Object.fromEntries(resources.map(({ address, digest }) => [address, digest])),
    resources: resources.map(({ address, kind, digest, path }) => ({ address, kind, digest, ...known("path", path) })),
    dependencies,
    diagnostics: diagnostics.map(diagnosticDocument),
  };
}

export function validateFailure(configDirectory: string, diagnostics: readonly ShownDiagnostic[]): object {
  return { ok: false, config_dir: configDirectory, config_file: null, resource_digests: {}, resources: [], dependencies: [], diagnostics: diagnostics.map(diagnosticDocument) };
}

const KINDS = [
  ["graph", "graph"],
  ["query", "query"],
  ["policy", "policy"],
  ["embedding_provider", "embedding provider"],
] as const;

export function validateText({ isOk, resources, diagnostics }: ValidateOutcome, style: ClusterStyle): readonly string[] {
  const { colors } = style;
  const counts = KINDS.map(([kind, name]) => ({ name, count: resources.filter((resource) => resource.kind === kind).length }));
  const found = severityCounts(diagnostics);
  const declared = counts.filter(({ count, name }) => count > 0 || name === "graph").map(({ name, count }) => counted(count, name)).join(", ");
  return [
    colors.bold(isOk ? `Validate: ok, ${declared}${found === "" ? "" : ` (${found})`}` : `Validate failed: ${found}`),
    ...diagnosticLines(diagnostics, style),
  ];
}
