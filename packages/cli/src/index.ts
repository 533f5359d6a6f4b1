export { EXIT, type ExitCode } from "./exit-code.js";
export { type InputStream, type Io, type OutputStream, StreamClosedError } from "./io.js";
export { processIo } from "./process-io.js";
export { run } from "./run.js";
