import { BlockList, isIP } from "node:net";

// Where no issuer is, and where a server must not be sent by what somebody registered: the machine
// itself, link-local addresses and the addresses at which clouds hand out credentials.
const forbidden = new BlockList();
for (const [network, bits] of [
  ["0.0.0.0", 8],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["192.0.0.0", 24],
  ["224.0.0.0", 4],
  ["240.0.0.0", 4],
] as const) {
  forbidden.addSubnet(network, bits, "ipv4");
}
forbidden.addAddress("100.100.100.200", "ipv4");
for (const [network, bits] of [
  // The machine itself, and the old spelling of addresses of version 4.
  ["::", 96],
  ["fe80::", 10],
  ["fd00:ec2::", 32],
  ["fd20:ce::", 32],
  ["ff00::", 8],
  // Translations of IPv4 addresses, whose targets would have to be looked at one by one.
  ["::ffff:0:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["2002::", 16],
] as const) {
  forbidden.addSubnet(network, bits, "ipv6");
}

/**
 * Whether the server may fetch from an address that nobody but a caller named. Private networks
 * are fine, that is where companies have their issuers; what is no address is not.
 */
export function isFetchable(address: string): boolean {
  const version = isIP(address);
  if (version === 0 || address.includes("%")) return false;
  // The list reads addresses of version 4 in the clothes of version 6 as what they are.
  return !forbidden.check(address, version === 4 ? "ipv4" : "ipv6");
}
