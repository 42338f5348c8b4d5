import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { hashBody, sign } from "../../src/sigv4/sigv4.ts";
import type { TestServer } from "./test-server.ts";

// Requests as no client would let us make them: signed by hand, byte by byte where need be.

/** A request in parts; what is left out is a signed GET of the applications. */
export type Call = {
  readonly method?: string;
  readonly target?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Off the clock; counted when the request is made, which may be minutes after this file loads. */
  readonly clockMs?: number;
  readonly keys?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly scope?: { readonly service: string; readonly region: string };
};

/** Signs a request by hand. */
export function signed(server: TestServer, call: Call): RequestInit & { readonly url: string } {
  const { method = "GET", target = "/applications", body = "", clockMs = 0 } = call;
  const now = new Date(Date.now() + clockMs);
  const host = new URL(server.url).host;
  const given = Object.entries(call.headers ?? {});
  const wire = { method, rawTarget: target, headers: [["host", host], ...given] as const };
  const scope = call.scope ?? { service: "qbusiness", region: "us-east-1" };
  const bodyHash = hashBody(Buffer.from(body));
  const { headers } = sign(wire, call.keys ?? server.rootKey, { ...scope, now, bodyHash });
  const sent = headers.filter(([name]) => name !== "host").map(([n, v]) => [n, v] as const);
  return {
    url: server.url + target,
    method,
    headers: Object.fromEntries(sent),
    ...(body === "" ? {} : { body: Buffer.from(body) }),
  };
}

/** Signs, sends and reads. */
export async function send(server: TestServer, call: Call) {
  const { url, ...init } = signed(server, call);
  return read(await fetch(url, init));
}

/** An answer with its body. */
export async function read(response: Response) {
  const text = await response.text();
  const { status, headers } = response;
  const error = headers.get("x-amzn-errortype");
  const isJson = headers.get("content-type") === "application/json";
  const json = isJson ? (JSON.parse(text) as Record<string, unknown>) : undefined;
  return { status, error, text, headers, json };
}

/** A socket to the server's port. */
export function open(server: TestServer): Socket {
  const { hostname, port } = new URL(server.url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => undefined);
  return socket;
}

/** All that comes until the other side closes. */
export async function readAll(socket: Socket): Promise<string> {
  let text = "";
  socket.setEncoding("latin1").on("data", (part: string) => (text += part));
  if (!socket.destroyed) await once(socket, "close");
  return text;
}
