import { writeSync } from "node:fs";
import { createLogger } from "./observability/logger.js";
import type { ServerIo } from "./server-io.js";

/** The real process. */
export function processIo(): ServerIo {
  return {
    env: process.env,
    cwd: process.cwd(),
    // Synchronous: whoever waits for the line of readiness has it when the first request may come.
    writeOut: (text) => void writeSync(process.stdout.fd, text),
    writeErr: (text) => void writeSync(process.stderr.fd, text),
    createLogger: (level) => createLogger(level),
    onSignal: (signal, action) => void process.on(signal, action),
    exitNow: (code) => process.exit(code),
  };
}
