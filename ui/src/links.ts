/** The address if a browser may follow it from an answer: http or https, nothing else. */
export function safeHref(address: string | undefined): string | undefined {
  if (address === undefined || !/^https?:\/\//i.test(address)) return undefined;
  try {
    const { protocol, href } = new URL(address);
    return protocol === "http:" || protocol === "https:" ? href : undefined;
  } catch {
    return undefined;
  }
}

/** An address in a form people read: host and path without scheme, query and percent signs. */
export function readableAddress(href: string): string {
  const { host, pathname } = new URL(href);
  const path = pathname === "/" ? "" : pathname;
  return host + decodeSafely(path);
}

function decodeSafely(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
