/**
 * A connection that may not be made; the message is for the owner of the data source. The code is
 * how others know it, who see it through the layers of a client.
 */
export class EgressRefused extends Error {
  override readonly name = "EgressRefused";
  readonly code = "ERR_EGRESS_REFUSED";
}

/** A proxy that cannot reach what it was asked for; another attempt may. */
export class ProxyFailed extends Error {
  override readonly name = "ProxyFailed";
  readonly code = "EHOSTUNREACH";
}
