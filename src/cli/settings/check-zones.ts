import type { Zone } from "../../core/network-config.ts";
import type { ServerConfig } from "../../core/server-config.ts";
import { shown } from "../arguments.ts";
import { securityGroupsOf } from "./check-security-groups.ts";
import { usageError } from "../context.ts";
import type { WrittenSettings } from "./gather-settings.ts";

const subnetPattern = /^subnet-[0-9a-f]{8,17}$/;
const vpcPattern = /^vpc-[0-9a-f]{8,17}$/;
const zonePattern = /^[a-z0-9-]{1,63}$/;
const proxyProtocols: readonly string[] = ["http:", "socks5:"];
const members: readonly string[] = ["vpc", "availability-zone", "backend", "proxy"];
const urlLengthMax = 2048;

/**
 * Egress zones, as `SUBNET=vpc:ID availability-zone:NAME proxy:URL`, and security groups.
 *
 * @throws CliError for ids, members, URLs and destinations that cannot be.
 */
export function networkOf(written: WrittenSettings): Pick<ServerConfig, "network"> {
  if (!written.has("zones") && !written.has("security-groups")) return {};
  const found = written.get("zones");
  const zones = new Map<string, Zone>();
  for (const spec of found?.values ?? []) {
    const equals = spec.indexOf("=");
    const subnetId = spec.slice(0, Math.max(equals, 0));
    if (!subnetPattern.test(subnetId)) {
      const form =
        "write SUBNET=vpc:ID availability-zone:NAME, with a SUBNET such as subnet-0a1b2c3d";
      throw usageError(`${found?.from} has ${shown(spec)}, which is no zone; ${form}.`);
    }
    if (zones.has(subnetId)) {
      throw usageError(`${found?.from} names ${subnetId} twice; give each subnet one zone.`);
    }
    // Command lines are visible to other users of a machine, files need not be.
    const maySecret = found?.from.startsWith("-") === false;
    const what = `${found?.from}: ${subnetId}`;
    zones.set(subnetId, zoneOf(spec.slice(equals + 1), { what, maySecret }));
  }
  refuseMixed(zones, found?.from ?? "");
  const securityGroups = securityGroupsOf(written);
  return { network: { zones: Object.fromEntries(zones), securityGroups } };
}

function zoneOf(
  text: string,
  { what, maySecret }: { readonly what: string; readonly maySecret: boolean },
): Zone {
  const said = new Map<string, string>();
  for (const word of text.split(/\s/).filter((one) => one !== "")) {
    const colon = word.indexOf(":");
    const name = word.slice(0, Math.max(colon, 0));
    if (!members.includes(name) || said.has(name)) {
      const form = `a zone has ${members.join(", ")}, each once, as NAME:VALUE`;
      throw usageError(`${what} has ${shown(name === "" ? word : name)}; ${form}.`);
    }
    said.set(name, word.slice(colon + 1));
  }
  const vpcId = said.get("vpc") ?? "";
  const availabilityZone = said.get("availability-zone") ?? "";
  if (!vpcPattern.test(vpcId)) {
    throw usageError(`${what} must name its vpc, such as vpc-0a1b2c3d.`);
  }
  if (!zonePattern.test(availabilityZone)) {
    throw usageError(`${what} must name its availability-zone, such as us-east-1a.`);
  }
  const proxy = said.get("proxy");
  const kind = said.get("backend") ?? (proxy === undefined ? "none" : "proxy");
  if (kind !== "none" && kind !== "proxy") {
    throw usageError(`${what} has the backend ${shown(kind)}; it must be none or proxy.`);
  }
  if (kind === "none" && proxy === undefined) {
    return { vpcId, availabilityZone, backend: { kind } };
  }
  if (kind === "none" || proxy === undefined) {
    throw usageError(`${what} must have a proxy where its backend is proxy, and only there.`);
  }
  const url = proxyOf(proxy, { what, maySecret });
  return { vpcId, availabilityZone, backend: { kind: "proxy", url } };
}

function proxyOf(
  text: string,
  { what, maySecret }: { readonly what: string; readonly maySecret: boolean },
): string {
  const url = text.length > urlLengthMax ? null : URL.parse(text);
  const isPlain = url !== null && url.search === "" && url.hash === "" && url.pathname.length <= 1;
  if (url === null || !isPlain || url.hostname === "" || !proxyProtocols.includes(url.protocol)) {
    const form = "http://HOST:PORT or socks5://HOST:PORT";
    throw usageError(`${what}: the proxy must be ${form}, without path and query.`);
  }
  const { username, password } = url;
  if (username === "" && password === "") return url.href;
  if (!maySecret) {
    throw usageError(`${what}: the proxy must not hold credentials; write them in a file.`);
  }
  // Both stand behind a length of one byte on their way (RFC 1929).
  if (username === "" || !isDecodable(username) || !isDecodable(password)) {
    throw usageError(`${what}: the proxy's name and password cannot be read.`);
  }
  return url.href;
}

const loginBytesMax = 255;

function isDecodable(text: string): boolean {
  try {
    return Buffer.byteLength(decodeURIComponent(text)) <= loginBytesMax;
  } catch (error) {
    if (error instanceof URIError) return false;
    throw error;
  }
}

/** A sync may go through any zone of its VPC, and must not leave the proxy by that. */
function refuseMixed(zones: ReadonlyMap<string, Zone>, from: string): void {
  const kinds = new Map<string, string>();
  for (const { vpcId, backend } of zones.values()) {
    const known = kinds.get(vpcId) ?? backend.kind;
    kinds.set(vpcId, known);
    if (known === backend.kind) continue;
    throw usageError(`${from}: the zones of ${vpcId} must all have a proxy, or none of them.`);
  }
}
