import type { HeaderList } from "./request.ts";

/** Header values by lower-case name: canonical spelling, repeated headers joined in wire order. */
export type HeaderIndex = ReadonlyMap<string, string>;

/** Reads a header list once; names are compared without case. */
export function indexHeaders(headers: HeaderList): HeaderIndex {
  const index = new Map<string, string>();
  for (const [rawName, rawValue] of headers) {
    const name = rawName.toLowerCase();
    const value = collapseBlanks(rawValue);
    const before = index.get(name);
    index.set(name, before === undefined ? value : `${before},${value}`);
  }
  return index;
}

/** `host` and `:authority` are one thing under two names: a proxy may turn one into the other. */
export function hostOf(headers: HeaderIndex, name: string): string | undefined {
  return headers.get(name) ?? headers.get(name === "host" ? ":authority" : "host");
}

/** True for the two names under which a client may sign the host it calls. */
export function isHostName(name: string): boolean {
  return name === "host" || name === ":authority";
}

/**
 * The header lines of the canonical request for `signedHeaders` (lower case, sorted), each ending
 * in a newline, or undefined when one of them did not arrive: a header that was taken away must
 * not count as an empty one. `host` replaces the host that the request names.
 */
export function canonicalHeaders(
  headers: HeaderIndex,
  signedHeaders: readonly string[],
  host?: string,
): string | undefined {
  let lines = "";
  for (const name of signedHeaders) {
    const value = isHostName(name) ? (host ?? hostOf(headers, name)) : headers.get(name);
    if (value === undefined) return undefined;
    lines += `${name}:${value}\n`;
  }
  return lines;
}

/** Trims and makes one space of every run of blanks, inside quotes too. */
export function collapseBlanks(value: string): string {
  if (!hasLooseBlank(value)) return value;
  return value
    .split(/[ \t\r\n]/)
    .filter((word) => word !== "")
    .join(" ");
}

function hasLooseBlank(value: string): boolean {
  let afterBlank = true;
  for (let index = 0; index < value.length; index += 1) {
    const code = value.charCodeAt(index);
    const isBlank = code === 0x20;
    if (code === 0x09 || code === 0x0a || code === 0x0d || (isBlank && afterBlank)) return true;
    afterBlank = isBlank;
  }
  return afterBlank && value !== "";
}
