import { connect } from "node:net";
import type { DataSourceVpcConfiguration } from "../../contract/contract.ts";
import type { NetworkConfig } from "../../core/network-config.ts";
import type { InterfacePlace } from "../../iam/iam.ts";
import { networkOf } from "../settings/check-zones.ts";
import { CliError } from "../context.ts";
import { type Finding, fail, ok } from "./findings.ts";
import type { WrittenSettings } from "../settings/gather-settings.ts";

const proxyMs = 2_000;

/** The zones of the settings given, and whether their proxies answer from here. */
export async function checkZones(written: WrittenSettings): Promise<readonly Finding[]> {
  try {
    const { network } = networkOf(written);
    return await Promise.all(
      Object.entries(network?.zones ?? {}).map(async ([subnetId, { vpcId, backend }]) => {
        const check = `zone ${subnetId}`;
        if (backend.kind === "none") return ok(check, `${vpcId}, directly; nothing is enforced`);
        // Never the whole URL: it may hold a password.
        const { protocol, host } = new URL(backend.url);
        const found = `${vpcId}, through ${protocol}//${host}`;
        if (await answers(backend.url)) return ok(check, found);
        return fail(
          check,
          `${found}, which does not answer`,
          "start the proxy, or correct its URL",
        );
      }),
    );
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [fail("zones", error.message, "correct the setting, then start the server again")];
  }
}

function answers(proxy: string): Promise<boolean> {
  const { hostname, port, protocol } = new URL(proxy);
  const standard = protocol === "socks5:" ? 1080 : 80;
  const host = hostname.replace(/^\[|\]$/g, "");
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port === "" ? standard : port) });
    const end = (isThere: boolean) => () => {
      socket.destroy();
      resolve(isThere);
    };
    socket.setTimeout(proxyMs, end(false));
    socket.once("connect", end(true));
    socket.on("error", end(false));
  });
}

/** The settings' zones; none where they cannot be read, which `checkZones` tells. */
export function zonesOf(written: WrittenSettings): NetworkConfig {
  const none = { zones: {}, securityGroups: {} };
  try {
    return networkOf(written).network ?? none;
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return none;
  }
}

/**
 * The interfaces that a data source would get, for asking what its role may do; and the ids that
 * name nothing in the settings given.
 */
export function interfacesOf(
  network: NetworkConfig,
  vpc: DataSourceVpcConfiguration | undefined,
  source: { readonly dataSourceArn: string },
): { readonly places: readonly InterfacePlace[]; readonly unknown: readonly string[] } {
  const { subnetIds, securityGroupIds } = vpc ?? { subnetIds: [], securityGroupIds: [] };
  const [, , , region = "", account = "", path = ""] = source.dataSourceArn.split(":");
  const [, applicationId = "", , , , dataSourceId = ""] = path.split("/");
  const places = subnetIds.flatMap((subnetId) => {
    const zone = Object.hasOwn(network.zones, subnetId) ? network.zones[subnetId] : undefined;
    if (zone === undefined) return [];
    const { vpcId, availabilityZone } = zone;
    const tags = { AMAZON_Q: `qbusiness_${account}_${applicationId}_${dataSourceId}` };
    const interfaceId = "eni-00000000000000000";
    return [
      { region, account, vpcId, subnetId, availabilityZone, securityGroupIds, interfaceId, tags },
    ];
  });
  const unknown = [
    ...subnetIds.filter((id) => !Object.hasOwn(network.zones, id)),
    ...securityGroupIds.filter((id) => !Object.hasOwn(network.securityGroups, id)),
  ];
  return { places, unknown };
}
