import { isOmniError, type LogFields, type Logger } from "@omnigraphdb/common";
import { destination, type DestinationStream, pino } from "pino";

export const LOG_LEVELS = ["debug", "info", "warn", "error", "silent"] as const;

export type LogLevel = (typeof LOG_LEVELS)[number];

const STDERR = 2;

/** Errors have no members of their own that JSON would show. */
function errorFields(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  return isOmniError(error) ? { code: error.code, message: error.message, cause: errorFields(error.cause) } : { type: error.name, message: error.message, stack: error.stack };
}

/**
 * One JSON object per line, on stderr. Messages are constant; what varies is in the fields, which never hold tokens, headers, parameter
 * values, entity data or bodies (server 9.2).
 */
export function createLogger(level: LogLevel, stream: DestinationStream = destination({ fd: STDERR, sync: true })): Logger {
  const lines = pino({ level, base: null, formatters: { level: (label) => ({ level: label }) }, serializers: { error: errorFields, cause: errorFields }, timestamp: () => `,"time":"${new Date().toISOString()}"` }, stream);
  const line = (name: keyof Logger): Logger[keyof Logger] => (lines.isLevelEnabled(name) ? (message, fields) => lines[name](fields ?? {}, message) : ignore);
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}

/** A level that is not shown. Known by its identity, so that nobody gathers fields for it. */
const ignore = (): void => undefined;

/** Whether lines of the level go anywhere: nobody needs to gather fields for those that do not. */
export function isShown(logger: Logger, level: keyof Logger): boolean {
  return logger[level] !== ignore;
}

/** A logger whose lines all carry `fields`. */
export function withFields(logger: Logger, fields: LogFields): Logger {
  const line = (name: keyof Logger): Logger[keyof Logger] => (logger[name] === ignore ? ignore : (message, more) => logger[name](message, { ...fields, ...more }));
  return { debug: line("debug"), info: line("info"), warn: line("warn"), error: line("error") };
}
