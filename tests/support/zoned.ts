import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CreateDataSourceCommand,
  type DataSourceSyncJob,
  type DocumentEnrichmentConfiguration,
} from "@aws-sdk/client-qbusiness";
import { policyFolder } from "../../src/cli/testing/policy-console.ts";
import type { NetworkConfig } from "../../src/core/network-config.ts";
import { accountId, makeRole, region, s3Configuration, type Site, type Source } from "./site.ts";

/** Keys of a store that takes any. */
export const env = { AWS_ACCESS_KEY_ID: "test", AWS_SECRET_ACCESS_KEY: "test" };
export const bucket = "zone-bucket";
export const proxied = "subnet-0a1b2c3d";
export const direct = "subnet-0a1b2c3e";
export const open = "sg-0a1b2c3d";
export const shut = "sg-0a1b2c3e";
export const functionArn = `arn:aws:lambda:${region}:${accountId}:function:enrich`;

export type Policy = { readonly Version: string; readonly Statement: readonly Statement[] };
export type Statement = Readonly<Record<string, unknown>>;
export type Zoned = Source & { readonly policy: Policy };

/** What `quarry policy write` writes, as a role, and a data source in a zone that takes it. */
export async function makeZoned(
  site: Site,
  subnetId: string,
  groupId: string,
  more: { readonly documentEnrichmentConfiguration?: DocumentEnrichmentConfiguration } = {},
): Promise<Zoned> {
  const { applicationId, indexId } = site;
  await using folder = await policyFolder();
  const place = ["--application", applicationId, "--index", indexId, "--account", accountId];
  const network = ["--subnet", subnetId, "--security-group", groupId];
  const argv = ["write", "--for", "s3-connector", ...place, "--bucket", bucket, ...network];
  const { code, err } = await folder.run([...argv, "--region", region]);
  assert.equal(code, 0, err);
  const read = (name: string): Policy =>
    JSON.parse(readFileSync(join(folder.path, "policies", name), "utf8")) as Policy;
  const policy = read("permspolicyfors3connector.json");
  const roleName = `zoned-${randomUUID()}`;
  const trust = read("trustpolicyfors3connector.json");
  const roleArn = await makeRole(site.iam, roleName, { trust, policy });
  const { dataSourceId = "" } = await site.client.send(
    new CreateDataSourceCommand({
      applicationId,
      indexId,
      displayName: "zoned",
      roleArn,
      configuration: s3Configuration(bucket) as never,
      vpcConfiguration: { subnetIds: [subnetId], securityGroupIds: [groupId] },
      ...more,
    }),
  );
  return { ...site, dataSourceId, bucket, roleArn, roleName, policy };
}

/** Why a job failed. */
export const messageOf = ({ error }: DataSourceSyncJob): string => error?.errorMessage ?? "";

/** A zone behind a proxy and one without; a group for these ports of this machine, and one that is no use. */
export function networkOf(proxyPort: number, ports: readonly number[]): NetworkConfig {
  const zone = { vpcId: "vpc-0a1b2c3d", availabilityZone: `${region}a` };
  const url = `http://127.0.0.1:${proxyPort}`;
  return {
    zones: {
      [proxied]: { ...zone, backend: { kind: "proxy", url } },
      [direct]: { ...zone, vpcId: "vpc-0a1b2c3e", backend: { kind: "none" } },
    },
    securityGroups: {
      [open]: ports.map((port) => ({
        network: "127.0.0.0",
        prefixBits: 8,
        portFirst: port,
        portLast: port,
      })),
      [shut]: [{ network: "10.0.0.0", prefixBits: 8, portFirst: 0, portLast: 65_535 }],
    },
  };
}
