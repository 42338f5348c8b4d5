import { isIP } from "node:net";
import type { Destination } from "../../core/network-config.ts";
import { shown } from "../arguments.ts";
import { usageError } from "../context.ts";
import type { WrittenSettings } from "./gather-settings.ts";

const idPattern = /^sg-[0-9a-f]{8,17}$/;
const form = "CIDR:PORT, such as 10.0.0.0/8:443, [2001:db8::/32]:8000-9000 or 0.0.0.0/0:*";

/**
 * Security groups, as `ID=CIDR:PORT`; one that stands there several times lets all of it through,
 * and `ID=` alone lets nothing through.
 *
 * @throws CliError for an id or a destination that cannot be.
 */
export function securityGroupsOf(
  written: WrittenSettings,
): Readonly<Record<string, readonly Destination[]>> {
  const found = written.get("security-groups");
  const groups = new Map<string, readonly Destination[]>();
  for (const spec of found?.values ?? []) {
    const equals = spec.indexOf("=");
    const id = spec.slice(0, Math.max(equals, 0));
    if (!idPattern.test(id)) {
      const words = `which is no security group; write ID=CIDR:PORT with an ID such as sg-0a1b2c3d`;
      throw usageError(`${found?.from} has ${shown(spec)}, ${words}.`);
    }
    const text = spec.slice(equals + 1).trim();
    const before = groups.get(id) ?? [];
    if (text === "") {
      groups.set(id, before);
      continue;
    }
    const destination = destinationOf(text);
    if (destination === undefined) {
      throw usageError(`${found?.from}: ${id} has ${shown(text)}; it must be ${form}.`);
    }
    groups.set(id, [...before, destination]);
  }
  return Object.fromEntries(groups);
}

function destinationOf(text: string): Destination | undefined {
  const colon = text.lastIndexOf(":");
  const ports = portsOf(text.slice(colon + 1));
  const block = text.slice(0, Math.max(colon, 0));
  const isVersion6 = block.startsWith("[") && block.endsWith("]");
  const [network = "", bits = "", more] = (isVersion6 ? block.slice(1, -1) : block).split("/");
  const version = isIP(network);
  if (ports === undefined || more !== undefined || version !== (isVersion6 ? 6 : 4))
    return undefined;
  if (network.includes("%") || isMapped(network)) return undefined;
  if (!/^\d{1,3}$/.test(bits) || Number(bits) > (isVersion6 ? 128 : 32)) return undefined;
  return { network, prefixBits: Number(bits), ...ports };
}

/** A block of version 4 in the clothes of version 6 would hold nothing: addresses are undressed. */
function isMapped(network: string): boolean {
  return isIP(network) === 6 && new URL(`http://[${network}]`).hostname.startsWith("[::ffff:");
}

function portsOf(text: string): Pick<Destination, "portFirst" | "portLast"> | undefined {
  if (text === "*") return { portFirst: 0, portLast: 65_535 };
  const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(text);
  if (match === null) return undefined;
  const portFirst = Number(match[1]);
  const portLast = Number(match[2] ?? match[1]);
  return portFirst <= portLast && portLast <= 65_535 ? { portFirst, portLast } : undefined;
}
