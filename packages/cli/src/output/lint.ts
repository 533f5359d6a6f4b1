import type { LintReport } from "@omnigraphdb/compiler";
import type { DescribePlace } from "./diagnostic-place.js";

const SEVERITY_WORD = { error: "ERROR", warning: "WARN ", info: "INFO " } as const;

/** A lint report for people (query specification §15.2): below what fails stands where, as other commands show it. */
export function lintText(report: LintReport, place: DescribePlace): string {
  const lines: string[] = [];
  const diagnostics = report.diagnostics.values();
  const addPlace = (): void => {
    const { value } = diagnostics.next();
    if (value !== undefined) lines.push(...place(value).map((line) => `  ${line}`));
  };
  for (const query of report.results) {
    const name = `query \`${query.name}\``;
    lines.push(query.error === undefined ? `OK    ${name} (${query.kind})` : `ERROR ${name}: ${query.error}`);
    if (query.error !== undefined) addPlace();
    for (const warning of query.warnings ?? []) lines.push(`WARN  ${name}: ${warning}`);
  }
  for (const finding of report.findings) {
    lines.push(`${SEVERITY_WORD[finding.severity]} ${finding.code}: ${finding.message}`);
    if (finding.code === "Q000") addPlace();
  }
  const { queries_processed: processed, errors, warnings, infos } = report;
  lines.push(`INFO  ${processed} queries processed, ${errors} errors, ${warnings} warnings, ${infos} infos`, "");
  return lines.join("\n");
}
