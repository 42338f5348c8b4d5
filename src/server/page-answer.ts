import type { Outgoing } from "./exchange.ts";

/** Headers of every unsigned answer ("Content Security Policy Level 3", W3C). */
const always = {
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
} as const;

/** What a page of this server may do in a browser; nothing needs more. */
const permissions =
  "camera=(), geolocation=(), microphone=(), payment=(), usb=(), clipboard-write=(self)";

// A stored origin is put between semicolons and spaces: it is looked at once more before.
const originPattern = /^https?:\/\/[a-zA-Z0-9._-]+(?::[0-9]{1,5})?$/;
const noBytes = new Uint8Array(0);

type Headers = Outgoing["headers"];

/**
 * The policy of a page. Sites named in `origins` may embed it ("Add your website as an allowed
 * URL", Amazon Q Business user guide); it loads nothing but this server's own files.
 */
export function pagePolicy(origins: readonly string[]): string {
  const allowed = origins.filter((origin) => origin.length <= 256 && originPattern.test(origin));
  const ancestors = allowed.length === 0 ? "'none'" : allowed.join(" ");
  return (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; " +
    "connect-src 'self'; base-uri 'none'; form-action 'none'; " +
    `frame-ancestors ${ancestors}`
  );
}

/** An HTML page. */
export function htmlAnswer(
  status: number,
  html: string | Uint8Array,
  options: { readonly origins?: readonly string[]; readonly headers?: Headers } = {},
): Outgoing {
  const headers = {
    ...always,
    "content-type": "text/html; charset=utf-8",
    "content-security-policy": pagePolicy(options.origins ?? []),
    "permissions-policy": permissions,
    ...options.headers,
  };
  return { status, headers, body: html };
}

/** A JSON value. */
export function jsonAnswer(status: number, value: object, headers: Headers = {}): Outgoing {
  return {
    status,
    headers: { ...always, "content-type": "application/json", ...headers },
    body: JSON.stringify(value),
  };
}

/** A refusal in the form that the page reads: `{"error":{"name","message"}}`. */
export function refusal(
  status: number,
  error: { readonly name: string; readonly message: string },
  headers: Headers = {},
): Outgoing {
  return jsonAnswer(status, { error }, headers);
}

/** Text, styles, scripts, images. */
export function textAnswer(
  status: number,
  body: string | Uint8Array,
  headers: Headers = {},
): Outgoing {
  return {
    status,
    headers: { ...always, "content-type": "text/plain; charset=utf-8", ...headers },
    body,
  };
}

/** Lines that leave as they come. */
export function linesAnswer(body: AsyncIterable<Uint8Array>): Outgoing {
  // Proxies that gather answers before they pass them on would take the streaming away.
  const headers = { "content-type": "application/x-ndjson", "x-accel-buffering": "no" };
  return { status: 200, headers: { ...always, ...headers }, body };
}

/** Sends the browser elsewhere, by GET; `location` is relative, for a prefix of a proxy's. */
export function redirect(location: string, headers: Headers = {}): Outgoing {
  return { status: 303, headers: { ...always, location, ...headers }, body: noBytes };
}

/** The answer to HEAD: as GET, without its body. */
export function withoutBody(answer: Outgoing): Outgoing {
  return { ...answer, body: noBytes };
}

/** Answers a method that the address does not have. */
export function notAllowed(allowed: string): Outgoing {
  return textAnswer(405, `Only ${allowed}.\n`, { allow: allowed });
}
