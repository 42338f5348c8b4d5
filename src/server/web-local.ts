import { headerOf, type Incoming } from "./exchange.ts";

const peerPattern = /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$|^::1$/i;
const hostPattern = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?::\d{1,5})?$/;
const proxyHeaders = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

/**
 * Whether somebody at this very machine opened the address in a browser window of their own. The
 * peer alone does not say so: a proxy on this machine passes on strangers, and a foreign name that
 * resolves to 127.0.0.1 brings foreign scripts along; so the name that was called, the server's
 * public name, and the absence of a proxy's marks have to agree, and no frame or script may ask.
 */
export function isLocalVisit(
  incoming: Pick<Incoming, "headers" | "host" | "remoteAddress">,
  publicUrl: string,
): boolean {
  const destination = headerOf(incoming, "sec-fetch-dest");
  return (
    peerPattern.test(incoming.remoteAddress) &&
    hostPattern.test(incoming.host) &&
    hostPattern.test(new URL(publicUrl).host) &&
    incoming.headers.filter(([name]) => name === "host").length <= 1 &&
    proxyHeaders.every((name) => headerOf(incoming, name) === undefined) &&
    (destination === undefined || destination === "document")
  );
}
