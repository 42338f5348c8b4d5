import { shown } from "../arguments.ts";
import { usageError } from "../context.ts";
import type { WrittenSettings } from "./gather-settings.ts";

/** What may follow `oidc-provider/` in an ARN that CreateApplication takes. */
const namePattern = /^[a-zA-Z0-9_./@-]{1,1000}$/;
const urlLengthMax = 2048;

/**
 * Issuers whose users sign in, as `NAME=URL`. The URL stays as it is written: tokens repeat it to
 * the last letter.
 *
 * @throws CliError for a form, a name or a URL that cannot be.
 */
export function issuersOf(written: WrittenSettings): Readonly<Record<string, string>> {
  const found = written.get("oidc-issuers");
  const issuers = new Map<string, string>();
  for (const spec of found?.values ?? []) {
    const equals = spec.indexOf("=");
    const name = spec.slice(0, Math.max(equals, 0));
    if (!namePattern.test(name)) {
      const form = "write NAME=URL with the name that follows oidc-provider/ in ARNs";
      throw usageError(`${found?.from} has ${shown(spec)}, which is no issuer; ${form}.`);
    }
    if (issuers.has(name)) {
      throw usageError(`${found?.from} names ${name} twice; give each issuer one URL.`);
    }
    issuers.set(name, checkedUrl(spec.slice(equals + 1), `${found?.from}: the URL of ${name}`));
  }
  return Object.fromEntries(issuers);
}

function checkedUrl(text: string, what: string): string {
  const url = text.length > urlLengthMax ? null : URL.parse(text);
  if (url === null || (url.protocol !== "http:" && url.protocol !== "https:")) {
    throw usageError(`${what} must be an http or https URL.`);
  }
  if (url.username !== "" || url.password !== "") {
    throw usageError(`${what} must not hold credentials.`);
  }
  if (url.search !== "" || url.hash !== "") {
    throw usageError(`${what} must not have a query or a fragment.`);
  }
  return text;
}
