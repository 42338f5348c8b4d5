/** What a security group lets through: one block of addresses, and ports from the first to the last. */
export type Destination = {
  /** Of version 4 or 6; never a version 4 address in the clothes of version 6. */
  readonly network: string;
  readonly prefixBits: number;
  readonly portFirst: number;
  readonly portLast: number;
};

/** Where a connector goes out: what a subnet names here. */
export type Zone = {
  readonly vpcId: string;
  readonly availabilityZone: string;
  /** `none` connects directly and only takes notes; `proxy` is the URL of an HTTP or SOCKS5 proxy. */
  readonly backend: { readonly kind: "none" } | { readonly kind: "proxy"; readonly url: string };
};

/** The networks that data sources may name. */
export type NetworkConfig = {
  /** Subnet id -> zone. */
  readonly zones: Readonly<Record<string, Zone>>;
  /** Security group id -> what it lets through; a group without any lets nothing through. */
  readonly securityGroups: Readonly<Record<string, readonly Destination[]>>;
};
