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
import { centerService } from "./center.ts";
import { createHandle, type Handle } from "./handle.ts";
import { createInvoke } from "./invoke.ts";
import { listen, type Listener, type TlsFiles } from "./listen.ts";
import { createMetrics, type Gauge } from "./metrics.ts";
import { createPages, type Pages } from "./pages.ts";
import { createBodyBudget } from "./read-body.ts";

export type { Gauge } from "./metrics.ts";

/** What a server is made of. */
export type ServerOptions = {
  readonly services: Omit<Services, "publicUrl">;
  /** The address that clients call, without a slash at the end, once the port is known. */
  readonly publicUrlOf: (port: number) => string;
  readonly host: string;
  readonly port: number;
  readonly tls?: TlsFiles;
  readonly now: Clock;
  readonly log: Log;
  readonly version: string;
  /** The folder with the built page. */
  readonly pageFolder: string;
  /** Read at every `GET /metrics`. */
  readonly gauges: () => Promise<readonly Gauge[]>;
};

const mebibyte = 1024 * 1024;
/** Ten small documents or one of 50 MB as base64 fit; larger ones go through a bucket. */
const bodyBytesMax = 96 * mebibyte;
const bodyBytesInFlightMax = 384 * mebibyte;

type Parts = { readonly handle: Handle; readonly pages: Pages };

/** Opens the port and answers until it is closed. */
export async function startServer(options: ServerOptions): Promise<Listener> {
  const { log, host, port, tls } = options;
  // Addresses in answers need the port, which is known only once it is bound.
  const parts = Promise.withResolvers<Parts>();
  const answer = async (
    request: IncomingMessage | Http2ServerRequest,
    response: ServerResponse | Http2ServerResponse,
  ): Promise<void> => {
    const incoming = incomingOf(request, response);
    const { handle, pages } = await parts.promise;
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
  const bound = await listen(listener, { host, port, ...(tls === undefined ? {} : { tls }) });
  parts.resolve(makeParts(options, options.publicUrlOf(bound.port)));
  return bound;
}

function makeParts(options: ServerOptions, publicUrl: string): Parts {
  const { now, log } = options;
  const services: Services = { ...options.services, publicUrl };
  const { region, identity, db, ids } = services;
  const metrics = createMetrics();
  const invoke = createInvoke(services);
  const budget = createBodyBudget(bodyBytesInFlightMax);
  const handle = createHandle({
    identity,
    verifier: createVerifier({
      acceptedServices: ["qbusiness", "qbusiness-websocket", "iam", "sts", "kms", centerService],
      acceptedRegions: [region],
    }),
    now,
    log,
    metrics,
    region,
    invoke,
    query: { services, log },
    bodyBytesMax,
    budget,
  });
  const pages = createPages({
    ...options,
    db,
    identity,
    ids,
    region,
    publicUrl,
    invoke,
    metrics,
    budget,
    openContent: (token) => {
      const { pageTokenKey: key, ingestion } = services;
      return ingestion.contents.open(token, { now: now(), key });
    },
  });
  return { handle, pages };
}
