import type { Logger } from "@omnigraphdb/common";
import type { Environment } from "./boot/environment.js";
import type { LogLevel } from "./observability/logger.js";

export type ServerSignal = "SIGTERM" | "SIGINT" | "SIGHUP";

/** The process around a server: everything it may touch of it. */
export interface ServerIo {
  readonly env: Environment;
  /** Relative paths of a legacy boot start here. */
  readonly cwd: string;
  writeOut(text: string): void;
  writeErr(text: string): void;
  createLogger(level: LogLevel): Logger;
  onSignal(signal: ServerSignal, action: () => void): void;
  /** Ends the process at once, whatever still runs. */
  exitNow(code: number): void;
}
