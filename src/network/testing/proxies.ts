// Real proxies on loopback, for tests: they note what they were asked for.
import { once } from "node:events";
import { createServer as createHttpServer, type IncomingMessage } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";

/** A proxy that runs. */
export type TestProxy = AsyncDisposable & {
  readonly port: number;
  /** `ADDRESS:PORT` of each connection that was asked for. */
  readonly asked: string[];
  /** Names and passwords that came along. */
  readonly logins: string[];
  /** The status (or SOCKS reply) of every answer from now on; 0 connects. */
  answer: number;
  /** Answered in the same packet, before anything of the target. */
  early: string;
};

/** An HTTP proxy that knows CONNECT alone. */
export async function startHttpProxy(): Promise<TestProxy> {
  const server = createHttpServer((_request, response) => response.writeHead(405).end());
  const proxy = await started(server);
  server.on("connect", (request: IncomingMessage, client: Duplex) => {
    const target = request.url ?? "";
    proxy.asked.push(target);
    const login = request.headers["proxy-authorization"];
    if (login !== undefined) proxy.logins.push(login);
    if (proxy.answer !== 0) return void client.end(`HTTP/1.1 ${proxy.answer} No\r\n\r\n`);
    const { hostname, port } = new URL(`http://${target}`);
    const upstream = connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ""), () => {
      client.write(`HTTP/1.1 200 Connected\r\n\r\n${proxy.early}`);
      client.pipe(upstream).pipe(client);
    });
    upstream.on("error", () => client.end("HTTP/1.1 502 Bad Gateway\r\n\r\n"));
    client.on("error", () => upstream.destroy());
  });
  return proxy;
}

/** A SOCKS5 proxy; with a login it takes `user` and `word` alone. */
export async function startSocksProxy({ needsLogin = false } = {}): Promise<TestProxy> {
  const server = createServer({ allowHalfOpen: true }, (client) => {
    serveSocks(client, proxy, needsLogin).catch(() => client.destroy());
  });
  const proxy = await started(server);
  return proxy;
}

async function serveSocks(client: Socket, proxy: TestProxy, needsLogin: boolean): Promise<void> {
  client.on("error", () => client.destroy());
  const [, count = 0] = await take(client, 2);
  const offered = await take(client, count);
  const method = needsLogin ? 2 : 0;
  client.write(Buffer.from([5, offered.includes(method) ? method : 0xff]));
  if (needsLogin) {
    const name = await take(client, (await take(client, 2))[1] ?? 0);
    const word = await take(client, (await take(client, 1))[0] ?? 0);
    proxy.logins.push(`${String(name)}:${String(word)}`);
    const isRight = String(name) === "user" && String(word) === "word";
    client.write(Buffer.from([1, isRight ? 0 : 1]));
    if (!isRight) return void client.end();
  }
  const [, , , kind] = await take(client, 4);
  const bytes = await take(client, kind === 4 ? 16 : 4);
  const port = (await take(client, 2)).readUInt16BE();
  const host = kind === 4 ? `::${bytes.toString("hex")}` : bytes.join(".");
  proxy.asked.push(`${host}:${port}`);
  if (proxy.answer !== 0) return void client.end(reply(proxy.answer));
  const upstream = connect(port, host, () => {
    // In pieces, as a network may deliver it.
    client.write(reply(0).subarray(0, 3));
    setImmediate(() => {
      client.write(reply(0).subarray(3));
      client.pipe(upstream).pipe(client);
    });
  });
  upstream.on("error", () => client.end(reply(5)));
}

const reply = (code: number): Buffer => Buffer.from([5, code, 0, 1, 127, 0, 0, 1, 0, 80]);

async function take(socket: Socket, lengthBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for (let sizeBytes = 0; sizeBytes < lengthBytes;) {
    const piece = socket.read() as Buffer | null;
    if (piece !== null) {
      pieces.push(piece);
      sizeBytes += piece.length;
    } else if (socket.readableEnded) throw new Error("The client hung up.");
    else await once(socket, "readable");
  }
  const all = Buffer.concat(pieces);
  if (all.length > lengthBytes) socket.unshift(all.subarray(lengthBytes));
  return all.subarray(0, lengthBytes);
}

async function started(server: Server): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    port: (server.address() as AddressInfo).port,
    asked: [],
    logins: [],
    answer: 0,
    early: "",
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
