import { shellWord } from "@omnigraphdb/common";
import type { Colors } from "picocolors/types.js";
import { colorsWanted } from "../../environment.js";
import type { Io } from "../../io.js";

/** How a cluster command writes for people. */
export interface ClusterStyle {
  readonly colors: Colors;
  /** Columns that lines keep to, as far as words allow. */
  readonly width: number;
  /** Files are shown as seen from here. */
  readonly cwd: string;
  /** `--config` as it was given; undefined for the working directory. */
  readonly configFlag: string | undefined;
}

/** Text that is piped somewhere, and text on wider screens, is still read best in this width. */
const WIDTH_MAX = 80;
const WIDTH_MIN = 40;

export async function clusterStyle(io: Io, configFlag: string | undefined): Promise<ClusterStyle> {
  const colors = (await import("picocolors")).default.createColors(colorsWanted(io.env, io.stdout.isTTY));
  // Some terminals do not know their width and say 0.
  const columns = io.stdout.columns === 0 ? undefined : io.stdout.columns;
  return { colors, width: Math.max(WIDTH_MIN, Math.min(columns ?? WIDTH_MAX, WIDTH_MAX)), cwd: io.cwd, configFlag };
}

/** A command line of the same cluster, ready to paste into a shell. */
export function clusterCommand(words: string, { configFlag }: ClusterStyle): string {
  return `omnigraph cluster ${words}${configFlag === undefined ? "" : ` --config ${shellWord(configFlag)}`}`;
}
