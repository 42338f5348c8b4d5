import { createServer as createHttp1, type IncomingMessage, type ServerResponse } from "node:http";
import {
  createServer as createHttp2,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type ServerHttp2Session,
} from "node:http2";
import { createServer as createTcp, type Socket } from "node:net";
import { createServer as createTls } from "node:tls";

/** Answers one request, of either version of HTTP. */
export type RequestListener = (
  request: IncomingMessage | Http2ServerRequest,
  response: ServerResponse | Http2ServerResponse,
) => void;

/** A certificate chain and its key, PEM. */
export type TlsFiles = { readonly certificate: string; readonly key: string };

/** A bound port. */
export type Listener = {
  readonly port: number;
  /** Takes no more connections, waits for requests in flight, then cuts what is left. */
  readonly close: (graceMs: number) => Promise<void>;
};

/** How long a peer may take, in milliseconds. */
export type Patience = {
  /** For its first bytes, or its TLS handshake. */
  readonly firstBytesMs: number;
  readonly headersMs: number;
  /** For a whole request, and for silence on HTTP/2. */
  readonly requestMs: number;
  /** How often the limits above are looked at. */
  readonly checkMs: number;
};

const patienceDefault: Patience = {
  firstBytesMs: 20_000,
  headersMs: 20_000,
  requestMs: 300_000,
  checkMs: 5_000,
};
const headerBytesMax = 64 * 1024;
const keepAliveMs = 65_000;
const connectionsMax = 4096;
const streamsPerSessionMax = 256;

/**
 * Serves HTTP/1.1 and HTTP/2 on one port. The JavaScript SDK speaks HTTP/2 with prior knowledge
 * even without TLS, boto3 and the CLI speak HTTP/1.1: without TLS the first bytes decide, with it
 * ALPN does.
 *
 * @throws Error of Node's (`EADDRINUSE`, `EACCES`, …) where the port cannot be bound.
 */
export async function listen(
  listener: RequestListener,
  options: {
    readonly host: string;
    readonly port: number;
    readonly tls?: TlsFiles;
    readonly patience?: Patience;
  },
): Promise<Listener> {
  const { firstBytesMs, headersMs, requestMs, checkMs } = options.patience ?? patienceDefault;
  const http1 = createHttp1(
    {
      maxHeaderSize: headerBytesMax,
      headersTimeout: headersMs,
      requestTimeout: requestMs,
      connectionsCheckingInterval: checkMs,
      keepAliveTimeout: keepAliveMs,
    },
    listener,
  );
  // The sockets come from the server in front. Without this event Node takes the server for one that
  // never listens, and neither its time limits nor `closeIdleConnections` do anything.
  http1.emit("listening");
  const http2 = createHttp2(
    {
      maxHeaderListPairs: 256,
      settings: {
        maxConcurrentStreams: streamsPerSessionMax,
        maxHeaderListSize: headerBytesMax,
        enablePush: false,
        initialWindowSize: 1024 * 1024,
      },
    },
    listener,
  );
  const sessions = new Set<ServerHttp2Session>();
  http2.on("session", (session) => {
    sessions.add(session);
    session.once("close", () => sessions.delete(session));
    // Nothing came or went for that long: closing politely would wait for the same peer.
    session.setTimeout(requestMs, () => session.destroy());
  });
  const sockets = new Set<Socket>();
  // By peer, because a TLS socket does not tell which socket it runs on.
  const undecided = new Map<string, Socket>();
  const choose = (socket: Socket, isHttp2: boolean): void => {
    undecided.delete(peerOf(socket));
    (isHttp2 ? http2 : http1).emit("connection", socket);
  };
  const accept = (socket: Socket): void => {
    const peer = peerOf(socket);
    sockets.add(socket);
    undecided.set(peer, socket);
    socket.once("close", () => {
      sockets.delete(socket);
      if (undecided.get(peer) === socket) undecided.delete(peer);
    });
    socket.on("error", () => socket.destroy());
  };
  const front =
    options.tls === undefined
      ? createTcp({ noDelay: true }, (socket) => {
          sniff(socket, firstBytesMs, choose);
        })
      : createTls(
          {
            cert: options.tls.certificate,
            key: options.tls.key,
            ALPNProtocols: ["h2", "http/1.1"],
            minVersion: "TLSv1.2",
            handshakeTimeout: firstBytesMs,
          },
          (socket) => {
            socket.on("error", () => socket.destroy());
            choose(socket, socket.alpnProtocol === "h2");
          },
        );
  // With TLS these are the sockets below it, so that a half-done handshake is known as well.
  front.on("connection", accept);
  front.maxConnections = connectionsMax;
  await new Promise<void>((resolve, reject) => {
    front.once("error", reject);
    front.listen({ host: options.host, port: options.port }, () => resolve());
  });
  const address = front.address();
  const port = typeof address === "object" && address !== null ? address.port : options.port;
  return {
    port,
    close: async (graceMs) => {
      const closed = new Promise<void>((resolve) => front.close(() => resolve()));
      http1.close();
      // Browsers connect ahead of need; nobody waits for an answer on such a connection.
      for (const socket of undecided.values()) socket.destroy();
      for (const session of sessions) session.close();
      const idleSweep = setInterval(() => http1.closeIdleConnections(), 50);
      const cut = setTimeout(() => {
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      await closed;
      clearInterval(idleSweep);
      clearTimeout(cut);
    },
  };
}

function peerOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress} ${remotePort}`;
}

const http2Preface = "PRI";

/** Looks at the first bytes and hands the socket on untouched. */
function sniff(
  socket: Socket,
  firstBytesMs: number,
  choose: (socket: Socket, isHttp2: boolean) => void,
): void {
  const tooSlow = setTimeout(() => socket.destroy(), firstBytesMs);
  let seen = Buffer.alloc(0);
  const look = (): void => {
    const bytes: unknown = socket.read();
    if (Buffer.isBuffer(bytes)) seen = Buffer.concat([seen, bytes]);
    const head = seen.toString("latin1", 0, 3);
    // Three letters decide: no method of HTTP/1.1 begins with PRI. With fewer, wait for more; the
    // bytes stay here meanwhile, because putting them back would announce them again at once.
    if (head.length < 3 && http2Preface.startsWith(head)) {
      socket.once("readable", look);
      return;
    }
    clearTimeout(tooSlow);
    socket.unshift(seen);
    choose(socket, head === "PRI");
  };
  socket.once("close", () => clearTimeout(tooSlow));
  socket.once("readable", look);
}
