import type { Json } from "@omnigraphdb/common";

/** A value for the operator configuration. */
export interface OperatorSetting {
  /** Keys from the top of the file. */
  readonly path: readonly string[];
  readonly value: OperatorValue;
}

export type OperatorValue = string | number | readonly string[] | { readonly [key: string]: string | readonly string[] };

/** What becomes of an old combined file (operator configuration §10.8.3). Every key of the file is in one of the members. */
export interface MigrationReport {
  readonly source: string;
  /** Text; null when the file declares nothing for a team. */
  readonly clusterYaml: string | null;
  /** Ascending by dotted path. */
  readonly operatorSettings: readonly OperatorSetting[];
  readonly dropped: readonly { readonly key: string; readonly reason: string }[];
  /** What is left to people, as sentences. */
  readonly manualSteps: readonly string[];
}

/** @param yamlText one value on one line */
export function reportJson(report: MigrationReport, yamlText: (value: OperatorValue) => string): Json {
  return {
    source: report.source,
    cluster_yaml: report.clusterYaml,
    operator_merge: Object.fromEntries(report.operatorSettings.map(({ path, value }) => [path.join("."), yamlText(value)])),
    dropped: report.dropped.map(({ key, reason }) => ({ key, reason })),
    manual_steps: report.manualSteps,
  };
}

/** For people: a section for each part that is not empty (§10.8.7). */
export function reportText(report: MigrationReport, yamlText: (value: OperatorValue) => string, configPath: string | undefined): string {
  const sections: readonly (readonly [string, readonly string[]])[] = [
    ["For the team (cluster.yaml)", report.clusterYaml?.trimEnd().split("\n") ?? []],
    [`For you (${configPath ?? "config.yaml of OMNIGRAPH_HOME"})`, report.operatorSettings.map(({ path, value }) => `${path.join(".")}: ${yamlText(value)}`)],
    ["Without a destination", report.dropped.map(({ key, reason }) => `${key}: ${reason}`)],
    ["Left to do", report.manualSteps.map((step) => `- ${step}`)],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0).map(([title, lines]) => `${title}:\n${lines.map((line) => `  ${line}`.trimEnd()).join("\n")}\n`);
  return shown.length === 0 ? `${report.source} declares nothing\n` : shown.join("\n");
}
