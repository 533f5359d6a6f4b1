import { connect, type Socket } from "node:net";

/** One connection that sends whatever it is told, HTTP or not. */
export class RawClient implements Disposable {
  /** Everything that was received, until the connection ended. */
  readonly ended: Promise<string>;
  readonly socket: Socket;
  #received = "";

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => (this.#received += chunk.toString("latin1")));
    // A reset ends the connection like everything else.
    socket.on("error", () => undefined);
    this.ended = new Promise((resolve) => socket.once("close", () => resolve(this.#received)));
  }

  static open(url: string): Promise<RawClient> {
    const { hostname, port } = new URL(url);
    return new Promise((resolve, reject) => {
      const socket = connect(Number(port), hostname, () => resolve(new RawClient(socket)));
      socket.once("error", reject);
    });
  }

  get received(): string {
    return this.#received;
  }

  /** Text is sent as Latin-1: one character, one byte. */
  send(data: string | Uint8Array): void {
    this.socket.write(typeof data === "string" ? Buffer.from(data, "latin1") : data);
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** Sends everything over a connection of its own. @returns what came back until the server ended the connection */
export async function exchange(url: string, ...parts: readonly (string | Uint8Array)[]): Promise<string> {
  using client = await RawClient.open(url);
  for (const part of parts) client.send(part);
  return await client.ended;
}

/** A request whose answer ends the connection. */
export function rawPost(path: string, body: string, headers = "Content-Type: application/json\r\n"): string {
  return `POST ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${headers}Content-Length: ${Buffer.byteLength(body, "latin1")}\r\n\r\n${body}`;
}

/** Statuses of all answers in what was received. */
export function statusesOf(received: string): readonly number[] {
  return [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}
