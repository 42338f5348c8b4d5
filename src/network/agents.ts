import { Agent as HttpAgent, type ClientRequestArgs } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import type { Duplex } from "node:stream";
import { connect as secure, type ConnectionOptions } from "node:tls";
import type { Dial } from "./dial.ts";

/** What HTTP clients connect with. */
export type Agents = { readonly http: HttpAgent; readonly https: HttpsAgent };

type Done = (error: Error | null, stream?: Duplex) => void;

/** Agents whose every connection is dialled: there is no other way out of a client that has them. */
export function createAgents(dial: Dial): Agents {
  // As many as the S3 client opens by itself.
  const options = { keepAlive: true, maxSockets: 50 };
  const http = new HttpAgent(options);
  const https = new HttpsAgent(options);
  http.createConnection = (target, done) => {
    open(dial, target, done as Done, (socket) => socket);
    return undefined;
  };
  https.createConnection = (target, done) => {
    open(dial, target, done as Done, (socket) =>
      secure({
        ALPNProtocols: ["http/1.1"],
        ...(target as ConnectionOptions),
        // The name of the target is what its certificate is compared with.
        host: hostOf(target),
        socket,
      }),
    );
    return undefined;
  };
  return { http, https };
}

function open(
  dial: Dial,
  target: ClientRequestArgs,
  done: Done,
  finish: (socket: Duplex) => Duplex,
): void {
  dial(hostOf(target), Number(target.port ?? target.defaultPort ?? 80)).then(
    (socket) => done(null, finish(socket)),
    (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
  );
}

function hostOf({ host, hostname }: ClientRequestArgs): string {
  return (host ?? hostname ?? "localhost").replace(/^\[|\]$/g, "");
}
