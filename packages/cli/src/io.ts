/** Where a command writes. Resolves when the text left this process or fits its buffer, so producers keep pace. */
export interface OutputStream {
  readonly isTTY: boolean;
  /** Characters per line of the terminal; absent when this is no terminal. */
  readonly columns?: number | undefined;
  /** @throws StreamClosedError when the reader went away */
  write(chunk: string | Uint8Array): Promise<void>;
  /** The terminal itself, for progress bars; absent when this is no terminal. */
  readonly terminal?: NodeJS.WritableStream;
}

export interface InputStream {
  readonly isTTY: boolean;
  /** All bytes up to end of file, in chunks. */
  chunks(): AsyncIterable<Uint8Array>;
  /** One line without its line end; undefined at end of file. */
  line(): Promise<string | undefined>;
  /** Like `line`, from a terminal that does not show what is typed. */
  secretLine(): Promise<string | undefined>;
}

/** Everything the command line takes from its process, as a value. */
export interface Io {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Absolute path that relative paths and graph addresses start from. */
  readonly cwd: string;
  /** Aborted when the user asks to stop (SIGINT, SIGTERM). */
  readonly signal: AbortSignal;
}

/** The reader of stdout ended early, as `head` does. Not a failure of the command. */
export class StreamClosedError extends Error {
  override readonly name = "StreamClosedError";
}
