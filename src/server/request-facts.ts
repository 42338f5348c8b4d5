import type { RequestFacts } from "../identity/identity.ts";
import { headerOf, type Incoming } from "./exchange.ts";

/** What a request says of itself, for the global condition keys of policies. */
export function requestFacts(
  incoming: Incoming,
  about: { readonly now: Date; readonly region: string },
): RequestFacts {
  const userAgent = headerOf(incoming, "user-agent");
  const referer = headerOf(incoming, "referer");
  return {
    ...about,
    isSecure: incoming.isSecure,
    // IPv4 addresses reach a socket of both versions in the form of IPv6.
    sourceIp: incoming.remoteAddress.replace(/^::ffff:/i, ""),
    ...(userAgent === undefined ? {} : { userAgent }),
    ...(referer === undefined ? {} : { referer }),
  };
}
