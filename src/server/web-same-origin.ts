import { headerOf, type Incoming } from "./exchange.ts";

/**
 * Whether a call comes from elsewhere than our own page. Its header `x-quarry-page` cannot be sent
 * by another site without a preflight, which nothing here answers; browsers add where the call
 * came from, and scripts cannot change that ("Fetch Metadata Request Headers", W3C).
 */
export function isForeign(
  incoming: Pick<Incoming, "headers" | "host">,
  publicUrl: string,
): boolean {
  const origin = headerOf(incoming, "origin");
  const site = headerOf(incoming, "sec-fetch-site");
  const isOurs =
    headerOf(incoming, "x-quarry-page") === "1" &&
    (site === undefined || site === "same-origin") &&
    (origin === undefined || isOwnOrigin(origin, incoming.host, publicUrl));
  return !isOurs;
}

/** The public origin, or the host that was called: by which scheme, a proxy may have changed. */
function isOwnOrigin(origin: string, host: string, publicUrl: string): boolean {
  const called = origin.toLowerCase();
  const isCalledHost = host !== "" && (called === `http://${host}` || called === `https://${host}`);
  return isCalledHost || called === new URL(publicUrl).origin;
}

/** Whether the body says to be JSON; forms of other sites cannot say so. */
export function isJson(incoming: Pick<Incoming, "headers">): boolean {
  const type = headerOf(incoming, "content-type") ?? "";
  return /^application\/json[\t ]*(?:;|$)/i.test(type.trim());
}
