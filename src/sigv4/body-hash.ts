import { hash } from "node:crypto";

/** Lower-case hex SHA-256 of a whole body, as `bodyHash` wants it. */
export function hashBody(body: Uint8Array | string): string {
  return hash("sha256", body, "hex");
}
