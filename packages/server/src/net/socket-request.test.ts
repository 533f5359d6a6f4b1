import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { HttpResponse } from "../http/http-response.js";
import { MalformedRequestError } from "./refuse-malformed.js";
import { SocketRequest } from "./socket-request.js";
import { writeResponse } from "./write-response.js";

const servers: Server[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});

type Handler = (request: SocketRequest) => Promise<HttpResponse> | HttpResponse;

/** Answers as the handler says; what it throws becomes the text of a 400. */
async function serve(handler: Handler): Promise<number> {
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    try {
      writeResponse(outgoing, await handler(new SocketRequest(incoming, outgoing)));
    } catch (error) {
      writeResponse(outgoing, new HttpResponse(`${error instanceof MalformedRequestError ? "malformed" : "failed"}: ${(error as Error).message}`, { status: 400 }));
    }
  };
  const server = createServer((incoming, outgoing) => void answer(incoming, outgoing));
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

class RawClient {
  readonly socket: Socket;
  received = "";

  constructor(port: number) {
    this.socket = connect(port, "127.0.0.1");
    sockets.push(this.socket);
    this.socket.on("error", () => undefined);
    this.socket.on("data", (chunk: Buffer) => (this.received += chunk.toString("latin1")));
  }

  async until(text: string): Promise<string> {
    while (!this.received.includes(text)) await once(this.socket, "data");
    return this.received;
  }
}

function settledLater<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  let settle: (value: T) => void = () => undefined;
  const promise = new Promise<T>((resolve) => (settle = resolve));
  return { promise, resolve: (value) => settle(value) };
}

function head(lines: readonly string[], target = "/"): string {
  return `${[`POST ${target} HTTP/1.1`, ...lines].join("\r\n")}\r\n\r\n`;
}

const HOST = "Host: localhost";

async function targetOrRefusal(lines: readonly string[], target: string): Promise<string> {
  const client = new RawClient(await serve((request) => new HttpResponse(`<${request.target}>`)));
  client.socket.write(head([...lines, "Content-Length: 0"], target));
  return /<(.*)>|malformed/.exec(await client.until("\r\n\r\n").then(() => client.received))?.[1] ?? "malformed";
}

describe("targets", () => {
  test.each([
    ["/a/b?x=1&y", "/a/b?x=1&y"],
    ["/a%2Fb", "/a%2Fb"],
    ["/a/../b", "/b"],
    ["/a/%2e%2e/b/./c", "/b/c"],
    ["//evil/x", "//evil/x"],
    ["/a\\b", "malformed"],
    ["/a?b\\c", "/a?b\\c"],
    ["http://other.example/x?y", "/x?y"],
    ["http://other.example", "/"],
    ["*", "malformed"],
  ])("http-api 1.1.4 %s is read as %s", async (target, expected) => {
    expect(await targetOrRefusal([HOST], target)).toBe(expected);
  });

  test.each([
    ["localhost:80", "/x"],
    ["EXAMPLE.com", "/x"],
    ["[::1]:8080", "/x"],
    ["", "/x"],
    ["a/b", "malformed"],
    ["a?b", "malformed"],
    ["a@b", "malformed"],
    ["a:99999", "malformed"],
    ["%61.example", "malformed"],
  ])("http-api 1.1.2 the host '%s' gives %s", async (host, expected) => {
    expect(await targetOrRefusal([`Host: ${host}`], "/x")).toBe(expected);
  });
});

test("policy 1.7 lines of one name are joined, also of those that must not be given twice", async () => {
  const client = new RawClient(await serve(({ headers }) => new HttpResponse(JSON.stringify([headers.get("authorization"), headers.get("x-a"), headers.get("x-b")]))));
  client.socket.write(head([HOST, "Authorization: Bearer a", "AUTHORIZATION: Bearer b", "x-A: 1", "X-a: 2", "Content-Length: 0"]));
  expect(await client.until("]")).toContain('["Bearer a, Bearer b","1, 2",null]');
});

describe("bodies", () => {
  const echo: Handler = async (request) => new HttpResponse(`<${Buffer.from(await request.bytes()).toString()}> ${request.isBodyWhole}`);

  test("1.4 one that comes with its head, one in pieces, an empty one, and requests in a row on one connection", async () => {
    const client = new RawClient(await serve(echo));
    client.socket.write(`${head([HOST, "Content-Length: 5"])}first${head([HOST, "Content-Length: 0"])}${head([HOST, "Content-Length: 6"])}sec`);
    await client.until("<first> true");
    await client.until("<> true");
    client.socket.write("ond");
    await client.until("<second> true");
    expect(client.received.match(/HTTP\/1.1 200/g)).toHaveLength(3);
  });

  test("1.4 one that is larger than what a connection holds", async () => {
    const client = new RawClient(await serve(async (request) => new HttpResponse(`<${(await request.bytes()).length}>`)));
    client.socket.write(head([HOST, "Content-Length: 3000000"]));
    client.socket.write(Buffer.alloc(3_000_000, 120));
    expect(await client.until(">")).toContain("<3000000>");
  });

  test.each(["bytes", "chunks"] as const)("1.5 6.4 a connection that breaks within the body: %s fail, before and while they are read", async (how) => {
    for (const delayMs of [0, 30]) {
      const outcome = settledLater<unknown>();
      const port = await serve(async (request) => {
        await new Promise((resolve) => setTimeout(resolve, delayMs));
        const read = async (): Promise<void> => {
          if (how === "bytes") await request.bytes();
          else for await (const chunk of request.chunks()) expect(chunk.length).toBe(3);
        };
        outcome.resolve(await read().then(() => (request.isBodyWhole ? "whole" : "part"), (error: unknown) => error));
        return new HttpResponse(null);
      });
      const client = new RawClient(port);
      client.socket.write(`${head([HOST, "Content-Length: 9"])}abc`);
      setTimeout(() => client.socket.destroy(), 15);
      expect(await outcome.promise).toBeInstanceOf(Error);
    }
  });

  test("1.4 one that nobody reads: the answer arrives, the next request is answered, and who goes on sending is cut off", async () => {
    const client = new RawClient(await serve(({ target }) => new HttpResponse(`<${target}>`)));
    client.socket.write(`${head([HOST, "Content-Length: 4"], "/one")}body${head([HOST, "Content-Length: 9"], "/two")}pa`);
    await client.until("/two>");
    client.socket.write(`rt-of-9${head([HOST, "Content-Length: 1000"], "/three")}`);
    await client.until("/three>");
    await once(client.socket, "close");
  });
});

describe("answers", () => {
  test("of text have its length in bytes; without a body they have none", async () => {
    const client = new RawClient(await serve(({ target }) => new HttpResponse(target === "/text" ? "é" : null, { status: target === "/text" ? 200 : 204, headers: { "x-a": "1" } })));
    client.socket.write(head([HOST, "Content-Length: 0"], "/text"));
    expect(await client.until("\r\n\r\n")).toMatch(/^HTTP\/1.1 200 OK\r\nx-a: 1\r\ncontent-length: 2\r\n/);
    client.socket.write(head([HOST, "Content-Length: 0"], "/none"));
    expect(await client.until("204 No Content")).toContain("204");
  });

  test("6.7 a stream is drawn at the client's pace, and cancelled when the client leaves", async () => {
    let drawnCount = 0;
    const cancelled = settledLater<number>();
    const source: ConstructorParameters<typeof ReadableStream<Uint8Array>>[0] = {
      pull(controller) {
        drawnCount++;
        controller.enqueue(new Uint8Array(65_536));
      },
      cancel: () => cancelled.resolve(drawnCount),
    };
    const stream = new ReadableStream(source, { highWaterMark: 1 });
    const client = new RawClient(await serve(() => new HttpResponse(stream)));
    client.socket.write(head([HOST, "Content-Length: 0"]));
    await once(client.socket, "data");
    client.socket.pause();
    await new Promise((resolve) => setTimeout(resolve, 50));
    client.socket.destroy();
    expect(await cancelled.promise).toBeLessThan(1_000);
  });

  test.each([0, 1_000_000])("6.7 a stream of %i bytes whose turn has not come is cancelled too when the client leaves", async (byteCount) => {
    const drawn = settledLater<undefined>();
    const cancelled = settledLater<undefined>();
    const source: ConstructorParameters<typeof ReadableStream<Uint8Array>>[0] = {
      start(controller) {
        if (byteCount > 0) controller.enqueue(new Uint8Array(byteCount));
        drawn.resolve(undefined);
      },
      cancel: () => cancelled.resolve(undefined),
    };
    const client = new RawClient(await serve(({ target }) => (target === "/first" ? new Promise(() => undefined) : new HttpResponse(new ReadableStream(source)))));
    client.socket.write(head([HOST, "Content-Length: 0"], "/first") + head([HOST, "Content-Length: 0"], "/second"));
    await drawn.promise;
    client.socket.destroy();
    await cancelled.promise;
  });

  test("6.7 a stream that fails breaks the connection", async () => {
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => controller.enqueue(new Uint8Array(3)), pull: (controller) => controller.error(new Error("gone")) });
    const client = new RawClient(await serve(() => new HttpResponse(stream)));
    client.socket.write(head([HOST, "Content-Length: 0"]));
    await once(client.socket, "close");
    expect(client.received).not.toContain("\r\n0\r\n");
  });
});
