// Stands between a client and a server's STS: sees every call of AssumeRole, and may change when a
// session is said to end. Nothing that is signed is touched.
import { once } from "node:events";
import {
  createServer,
  request as forward,
  type IncomingMessage,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

/** One call of AssumeRole, and what it got. */
export type Assumed = {
  readonly roleArn: string;
  readonly sessionName: string;
  readonly status: number;
  /** Empty where it was refused. */
  readonly accessKeyId: string;
  readonly sessionToken: string;
  readonly secretAccessKey: string;
};

/** A running relay. */
export type StsRelay = AsyncDisposable & {
  readonly url: string;
  readonly calls: Assumed[];
  /** Seconds from now that sessions claim to have left; undefined leaves the answer as it is. */
  secondsLeft: number | undefined;
};

/** Starts a relay on a free port. */
export async function startStsRelay(target: string): Promise<StsRelay> {
  const server = createServer((request, response) => {
    void pass(relay, target, request, response);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const relay: StsRelay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    secondsLeft: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return relay;
}

async function pass(
  relay: StsRelay,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const body = await text(request);
  // The host header stays the client's: it is signed.
  const upstream = forward(target + (request.url ?? "/"), {
    method: request.method,
    headers: request.headers,
  });
  upstream.end(body);
  const [answer] = (await once(upstream, "response")) as [IncomingMessage];
  const xml = await text(answer);
  const form = new URLSearchParams(body);
  const of = (name: string): string => new RegExp(`<${name}>([^<]*)<`).exec(xml)?.[1] ?? "";
  relay.calls.push({
    roleArn: form.get("RoleArn") ?? "",
    sessionName: form.get("RoleSessionName") ?? "",
    status: answer.statusCode ?? 0,
    accessKeyId: of("AccessKeyId"),
    sessionToken: of("SessionToken"),
    secretAccessKey: of("SecretAccessKey"),
  });
  const { secondsLeft } = relay;
  const until = new Date(Date.now() + (secondsLeft ?? 0) * 1000).toISOString();
  const shown =
    secondsLeft === undefined ? xml : xml.replace(/<Expiration>[^<]*/, `<Expiration>${until}`);
  const { "content-length": _length, ...headers } = answer.headers;
  response.writeHead(answer.statusCode ?? 500, headers).end(shown);
}
