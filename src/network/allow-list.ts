import { BlockList, isIP } from "node:net";
import type { Destination } from "../core/network-config.ts";

/** Whether connections to a canonical address and a port are allowed. */
export type AllowList = (address: string, port: number) => boolean;

/** Compiles what security groups let through: one that allows is enough, and none allows nothing. */
export function allowList(destinations: readonly Destination[]): AllowList {
  const rules = destinations.map(({ network, prefixBits, portFirst, portLast }) => {
    const family = familyOf(network);
    const block = new BlockList();
    block.addSubnet(network, prefixBits, family);
    return { family, block, portFirst, portLast };
  });
  return (address, port) => {
    const family = familyOf(address);
    return rules.some(
      (rule) =>
        port >= rule.portFirst &&
        port <= rule.portLast &&
        rule.family === family &&
        rule.block.check(address, family),
    );
  };
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
