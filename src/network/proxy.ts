import { request } from "node:http";
import { connect, type Socket } from "node:net";
import { EgressRefused, ProxyFailed } from "./refusal.ts";
import { greetSocks } from "./socks.ts";
import { within } from "./time-limit.ts";

/** Where a proxy is to connect to: an address, so that it has nothing to resolve. */
export type ProxyTarget = {
  readonly address: string;
  readonly port: number;
  readonly connectMs: number;
};

/**
 * Opens a connection through a proxy: `http://` by CONNECT (RFC 9110 §9.3.6), also for what is not
 * TLS, or `socks5://` (RFC 1928). Name and password in the URL are sent, and never shown.
 *
 * @throws EgressRefused where the proxy forbids it, ProxyFailed where it cannot.
 */
export function connectThrough(proxy: string, target: ProxyTarget): Promise<Socket> {
  const url = new URL(proxy);
  return url.protocol === "socks5:" ? throughSocks(url, target) : throughHttp(url, target);
}

const defaultPorts: Readonly<Record<string, number>> = { "http:": 80, "socks5:": 1080 };

function placeOf({ hostname, port, protocol }: URL): { host: string; port: number } {
  const host = hostname.replace(/^\[|\]$/g, "");
  return { host, port: port === "" ? (defaultPorts[protocol] ?? 80) : Number(port) };
}

async function throughHttp(url: URL, { address, port, connectMs }: ProxyTarget): Promise<Socket> {
  const authority = `${address.includes(":") ? `[${address}]` : address}:${port}`;
  const asking = request({
    ...placeOf(url),
    method: "CONNECT",
    path: authority,
    headers: { host: authority, ...credentialsOf(url) },
    agent: false,
    maxHeaderSize: 16 * 1024,
  });
  const opened = new Promise<Socket>((done, fail) => {
    asking.on("error", fail);
    asking.once("connect", ({ statusCode = 0 }, stream, head) => {
      const socket = stream as Socket;
      if (statusCode >= 200 && statusCode < 300) {
        if (head.length > 0) socket.unshift(head);
        socket.setNoDelay(true);
        return done(socket);
      }
      socket.destroy();
      fail(failureOf(url, authority, statusCode));
    });
    asking.end();
  });
  return within(connectMs, opened, `proxy ${url.host}`, () => asking.destroy());
}

function failureOf(url: URL, authority: string, status: number): Error {
  const words = `The proxy ${url.host} answered ${status} for ${authority}.`;
  const isForbidden = status >= 400 && status < 500 && status !== 408 && status !== 429;
  return isForbidden ? new EgressRefused(words) : new ProxyFailed(words);
}

function credentialsOf({ username, password }: URL): Readonly<Record<string, string>> {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { "proxy-authorization": `Basic ${Buffer.from(pair).toString("base64")}` };
}

function throughSocks(url: URL, target: ProxyTarget): Promise<Socket> {
  const socket = connect({ ...placeOf(url), noDelay: true, keepAlive: true });
  const { username, password } = url;
  const login =
    username === "" && password === ""
      ? undefined
      : { name: decodeURIComponent(username), secret: decodeURIComponent(password) };
  const opened = greetSocks(socket, { ...target, login, proxy: url.host });
  return within(target.connectMs, opened, `proxy ${url.host}`, () => socket.destroy());
}
