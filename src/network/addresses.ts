import { BlockList, isIP } from "node:net";

/** Where machines and clouds hand out credentials, and where only neighbours on the wire are. */
const reserved = new BlockList();
reserved.addSubnet("169.254.0.0", 16, "ipv4");
// Metadata services that are not at link-local addresses: Alibaba, Oracle, Azure; AWS, Google.
for (const address of ["100.100.100.200", "192.0.0.192", "168.63.129.16"]) {
  reserved.addAddress(address, "ipv4");
}
reserved.addSubnet("fe80::", 10, "ipv6");
reserved.addSubnet("fd00:ec2::", 32, "ipv6");
reserved.addSubnet("fd20:ce::", 32, "ipv6");

/**
 * An address as it is compared and connected to: version 4 in the clothes of version 6
 * (`::ffff:10.0.0.1`) counts as version 4. Undefined for what is no address, or has a scope
 * (`fe80::1%eth0`).
 */
export function canonicalAddress(text: string): string | undefined {
  const version = isIP(text);
  if (version === 4) return text;
  if (version === 0 || text.includes("%")) return undefined;
  const groups = groupsOf(text);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  return isMapped ? dotted(groups[6], groups[7]) : spelled(text);
}

/**
 * Whether a canonical address is link-local or that of a metadata service, also where it is only
 * translated to such an address on its way (NAT64, 6to4).
 */
export function isReserved(address: string): boolean {
  if (isIP(address) === 4) return reserved.check(address, "ipv4");
  if (reserved.check(address, "ipv6")) return true;
  return embedded(groupsOf(address)).some((inner) => reserved.check(inner, "ipv4"));
}

/** The version 4 addresses that an address of version 6 may be translated to (RFC 6052, 3056). */
function embedded(groups: readonly number[]): readonly string[] {
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0, sixth = 0, ...last] = groups;
  const tail = dotted(last[0], last[1]);
  if (first === 0x2002) return [dotted(second, third)];
  if (first === 0x64 && second === 0xff9b) {
    // A prefix of 48 bits leaves the ninth byte out.
    const middle = dotted(fourth, ((fifth & 0xff) << 8) | (sixth >>> 8));
    return [tail, middle];
  }
  const isOld = groups.slice(0, 4).every((group) => group === 0);
  return isOld ? [tail] : [];
}

/** The shortest spelling. */
function spelled(address: string): string {
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}

function groupsOf(address: string): readonly number[] {
  const [left = "", right] = spelled(address).split("::");
  const numbers = (part: string): readonly number[] =>
    part === "" ? [] : part.split(":").map((group) => Number.parseInt(group, 16));
  if (right === undefined) return numbers(left);
  const missing = 8 - numbers(left).length - numbers(right).length;
  return [...numbers(left), ...Array.from({ length: missing }, () => 0), ...numbers(right)];
}

function dotted(high = 0, low = 0): string {
  return [high >>> 8, high & 0xff, low >>> 8, low & 0xff].join(".");
}
