import type { Io } from "./io.js";
import { legacyFileOf } from "./legacy/legacy-layer.js";
import { loadOperatorConfig, type OperatorDefaults } from "./operator/config.js";
import { READ_FORMATS, type ReadFormat } from "./output/read-result.js";
import { DEFAULT_TABLE_STYLE, TABLE_CELL_LAYOUTS, type TableStyle } from "./output/table-style.js";

/** How the rows of a read are shown. */
export interface Presentation {
  readonly format: ReadFormat;
  readonly tableStyle: TableStyle;
}

export interface PresentationFlags {
  readonly format?: ReadFormat;
  readonly json?: boolean;
}

/**
 * Format and table preferences, each from the first place that says (operator configuration §5.2): `--json`, `--format`, the alias,
 * the old combined file, the operator's `defaults`, ours. The operator's file is read only when nothing before it decides.
 *
 * @throws OperatorConfigError
 */
export async function presentationOf(io: Io, flags: PresentationFlags, aliasFormat?: ReadFormat): Promise<Presentation> {
  const cli = legacyFileOf(io)?.cli;
  const decided = flags.json === true ? "json" : (flags.format ?? aliasFormat ?? READ_FORMATS.find((format) => format === cli?.outputFormat));
  if (decided !== undefined && decided !== "table") return { format: decided, tableStyle: DEFAULT_TABLE_STYLE };
  const defaults: OperatorDefaults = (await loadOperatorConfig(io)).defaults;
  const cellLayout = TABLE_CELL_LAYOUTS.find((layout) => layout === cli?.tableCellLayout) ?? defaults.tableCellLayout;
  return {
    format: decided ?? defaults.output ?? "table",
    tableStyle: {
      columnWidthMax: cli?.tableMaxColumnWidth ?? defaults.tableMaxColumnWidth ?? DEFAULT_TABLE_STYLE.columnWidthMax,
      cellLayout: cellLayout ?? DEFAULT_TABLE_STYLE.cellLayout,
    },
  };
}
