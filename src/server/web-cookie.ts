import type { Incoming } from "./exchange.ts";
import type { SiteIds } from "./page-route.ts";

const valuePattern = /^[A-Za-z0-9_-]{43}$/;

/** How the session of a site is kept in browsers. */
export type SessionCookie = {
  readonly write: (session: {
    readonly ids: SiteIds;
    readonly secret: string;
    readonly secondsLeft: number;
  }) => string;
  readonly read: (incoming: Pick<Incoming, "headers">) => string | undefined;
};

/**
 * Cookies that scripts cannot read, for one site's address only. Over https they also work in
 * frames of other sites, kept apart by the site around the frame ("Cookies Having Independent
 * Partitioned State", Privacy Community Group); over plain http browsers allow no such cookie.
 */
export function sessionCookie(publicUrl: string): SessionCookie {
  const { protocol, pathname } = new URL(publicUrl);
  const isHttps = protocol === "https:";
  const name = isHttps ? "__Secure-quarry-session" : "quarry-session";
  const scope = isHttps ? "SameSite=None; Secure; Partitioned" : "SameSite=Strict";
  const prefix = pathname.replace(/\/$/, "");
  return {
    write({ ids, secret, secondsLeft }) {
      const path = `${prefix}/web/${ids.applicationId}/${ids.webExperienceId}`;
      return `${name}=${secret}; Path=${path}; Max-Age=${secondsLeft}; HttpOnly; ${scope}`;
    },
    read({ headers }) {
      const pairs = headers.flatMap(([header, value]) =>
        header === "cookie" ? value.split(";") : [],
      );
      const start = `${name}=`;
      const pair = pairs.map((text) => text.trim()).find((text) => text.startsWith(start));
      const value = pair?.slice(start.length);
      return value !== undefined && valuePattern.test(value) ? value : undefined;
    },
  };
}
