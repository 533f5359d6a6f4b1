import type { LintReport } from "@omnigraphdb/compiler";

const SEVERITY_WORD = { error: "ERROR", warning: "WARN ", info: "INFO " } as const;

/** A lint report for people (query specification §15.2). */
export function lintText(report: LintReport): string {
  const lines: string[] = [];
  for (const query of report.results) {
    const name = `query \`${query.name}\``;
    lines.push(query.error === undefined ? `OK    ${name} (${query.kind})` : `ERROR ${name}: ${query.error}`);
    for (const warning of query.warnings ?? []) lines.push(`WARN  ${name}: ${warning}`);
  }
  for (const finding of report.findings) lines.push(`${SEVERITY_WORD[finding.severity]} ${finding.code}: ${finding.message}`);
  const { queries_processed: processed, errors, warnings, infos } = report;
  lines.push(`INFO  ${processed} queries processed, ${errors} errors, ${warnings} warnings, ${infos} infos`, "");
  return lines.join("\n");
}
