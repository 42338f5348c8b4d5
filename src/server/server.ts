/**
 * The port: sockets, the way of a request, the pages. HTTP/1.1 and HTTP/2, signed services and
 * unsigned pages all arrive here.
 *
 * Not for: what an operation does (`operations`) or who may (`identity`).
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Http2ServerRequest, Http2ServerResponse } from "node:http2";
import type { Clock } from "../core/clock.ts";
import { type Log, reasonOf } from "../core/log.ts";
import type { Services } from "../operations/operations.ts";
import { createVerifier } from "../sigv4/sigv4.ts";
import { incomingOf, send } from "./exchange.ts";
import { createHandle } from "./handle.ts";
import { createInvoke } from "./invoke.ts";
import { listen, type Listener, type TlsFiles } from "./listen.ts";
import { createMetrics, type Gauge } from "./metrics.ts";
import { createPages } from "./pages.ts";
import { createBodyBudget } from "./read-body.ts";

export type { Gauge } from "./metrics.ts";

/** What a server is made of. */
export type ServerOptions = {
  readonly services: Services;
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsFiles;
  readonly now: Clock;
  readonly log: Log;
  readonly version: string;
  /** The folder with the built page. */
  readonly pageDir: string;
  /** Read at every `GET /metrics`. */
  readonly gauges: () => Promise<readonly Gauge[]>;
};

const mebibyte = 1024 * 1024;
/** Ten small documents or one of 50 MB as base64 fit; larger ones go through a bucket. */
const bodyBytesMax = 96 * mebibyte;
const bodyBytesInFlightMax = 384 * mebibyte;

/** Opens the port and answers until it is closed. */
export async function startServer(options: ServerOptions): Promise<Listener> {
  const { services, now, log, host, port, tls } = options;
  const { region, identity } = services;
  const metrics = createMetrics();
  const invoke = createInvoke(services);
  const verifier = createVerifier({
    acceptedServices: ["qbusiness", "qbusiness-websocket", "iam", "sts"],
    acceptedRegions: [region],
  });
  const handle = createHandle({
    identity,
    verifier,
    now,
    log,
    metrics,
    region,
    invoke,
    query: { services, log },
    bodyBytesMax,
    budget: createBodyBudget(bodyBytesInFlightMax),
  });
  const pages = createPages({ ...options, invoke, metrics });
  const answer = async (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): Promise<void> => {
    const incoming = incomingOf(request, response);
    const outgoing = pages.handles(incoming)
      ? await pages.answer(incoming)
      : await handle(incoming);
    await send(response, outgoing);
  };
  const listener = (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): void => {
    answer(request, response).catch((error: unknown) => {
      // Whatever it was, the client must not wait for an answer that does not come.
      log("error", "response.failed", { reason: reasonOf(error) });
      response.destroy();
    });
  };
  return listen(listener, { host, port, ...(tls === undefined ? {} : { tls }) });
}
