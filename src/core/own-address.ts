/** Where a server listens, and where it is reached. */
type Address = { readonly host: string; readonly port: number; readonly publicUrl?: string };

const everywhere = new Set(["0.0.0.0", "::"]);
const loopback = new Set(["localhost", "127.0.0.1", "[::1]", "::1"]);

/**
 * Does a URL lead to this server itself? A shell that is set up for the server's clients names it
 * in AWS_ENDPOINT_URL; started from there, the server would look for its buckets at its own door.
 */
export function isOwnAddress(url: string, { host, port, publicUrl }: Address): boolean {
  const asked = URL.parse(url);
  if (asked === null) return false;
  if (publicUrl !== undefined && URL.parse(publicUrl)?.origin === asked.origin) return true;
  const askedPort = asked.port === "" ? (asked.protocol === "https:" ? 443 : 80) : +asked.port;
  if (askedPort !== port) return false;
  const isLoopback = loopback.has(asked.hostname);
  return (
    asked.hostname === host ||
    asked.hostname === `[${host}]` ||
    (isLoopback && (loopback.has(host) || everywhere.has(host)))
  );
}
