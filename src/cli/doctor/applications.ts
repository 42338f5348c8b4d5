import type { JsonValue } from "../../contract/contract.ts";
import type { NetworkConfig } from "../../core/network-config.ts";
import type { Client } from "../client/client.ts";
import { checkContentKey } from "./key.ts";
import { type Finding, fail, ok, warn } from "./findings.ts";
import { interfacesOf } from "./network.ts";
import { tryRole } from "./role.ts";
import { isRunning, newestJob, summarise } from "../sync/follow-sync.ts";
import { type InIndex, listApplications, listDataSources, listIndices } from "../listings.ts";

const applicationsMax = 50;

/** Looks at every index and every data source of every application. */
export async function checkApplications(
  client: Client,
  network: NetworkConfig,
): Promise<readonly Finding[]> {
  const findings: Finding[] = [];
  let count = 0;
  for await (const { applicationId = "", displayName = "" } of listApplications(client)) {
    count += 1;
    if (count > applicationsMax) {
      findings.push(
        warn(
          "applications",
          `there are more than ${applicationsMax}; the rest was not looked at`,
          "delete unused ones",
        ),
      );
      break;
    }
    const key = await checkContentKey(client, { applicationId, displayName });
    if (key !== undefined) findings.push(key);
    // Nothing more can be asked of an application that is locked.
    if (key?.status === "fail") continue;
    const { applicationArn = "" } = await client.call("GetApplication", { applicationId });
    for await (const { indexId = "" } of listIndices(client, { applicationId })) {
      const index = { applicationId, indexId };
      findings.push(await checkIndex(client, index, displayName));
      findings.push(...(await checkDataSources(client, index, { applicationArn, network })));
    }
  }
  return count === 0 ? [ok("applications", "there are none yet")] : findings;
}

async function checkIndex(client: Client, index: InIndex, application: string): Promise<Finding> {
  const { displayName, indexStatistics, status } = await client.call("GetIndex", index);
  const count = indexStatistics?.textDocumentStatistics?.indexedTextDocumentCount ?? 0;
  const check = `index ${displayName ?? index.indexId} of ${application}`;
  if (status !== "ACTIVE")
    return fail(check, `is ${status}`, "delete it, or wait until it is made");
  if (count > 0) return ok(check, `${count} documents`);
  return warn(check, "no documents", 'put documents, or run "quarry sync" on its data source');
}

async function checkDataSources(
  client: Client,
  index: InIndex,
  about: { readonly applicationArn: string; readonly network: NetworkConfig },
): Promise<readonly Finding[]> {
  const { applicationArn, network } = about;
  const findings: Finding[] = [];
  for await (const { dataSourceId = "", displayName } of listDataSources(client, index)) {
    const source = { ...index, dataSourceId };
    const check = `data source ${displayName ?? dataSourceId}`;
    const found = await client.call("GetDataSource", source);
    const { configuration, roleArn, vpcConfiguration: vpc, dataSourceArn = "" } = found;
    const { places: interfaces, unknown } = interfacesOf(network, vpc, { dataSourceArn });
    if (unknown.length > 0) {
      const what = `${unknown.join(", ")} stand in none of the settings given`;
      const next = "give the doctor your server's zones and security groups, or configure them";
      findings.push(warn(`${check}, network`, what, next));
    }
    const bucket = bucketOf(configuration);
    if (bucket !== undefined && roleArn !== undefined) {
      const indexArn = `${applicationArn}/index/${index.indexId}`;
      const use = { roleArn, applicationArn, indexArn, bucket, interfaces };
      const missing = await tryRole(client, use);
      findings.push(
        missing.length === 0
          ? ok(`${check}, role`, "admits the service and may do what a sync needs")
          : fail(`${check}, role`, missing.join("; "), writeCommand(index, applicationArn, bucket)),
      );
    }
    findings.push(await checkLastSync(client, source, `${check}, last sync`));
  }
  return findings;
}

/** What writes policies that will do. */
function writeCommand(index: InIndex, applicationArn: string, bucket: string): string {
  const [, , , region = "", account = ""] = applicationArn.split(":");
  const { applicationId, indexId } = index;
  const place = `--application ${applicationId} --index ${indexId} --bucket ${bucket}`;
  return `give it what "quarry policy write --for s3-connector ${place} --account ${account} --region ${region}" writes`;
}

async function checkLastSync(
  client: Client,
  source: Parameters<typeof newestJob>[1],
  check: string,
): Promise<Finding> {
  const job = await newestJob(client, source);
  if (job === undefined) return warn(check, "there was none", 'run "quarry sync"');
  const found = summarise(job);
  if (job.status === "SUCCEEDED" || isRunning(job)) return ok(check, found);
  // Some documents failed, all others are searchable.
  if (job.status === "INCOMPLETE") {
    return warn(check, found, 'run "quarry sync", which lists the documents that failed and why');
  }
  return fail(check, found, 'do what its message says, then run "quarry sync"');
}

/** The bucket of an S3 data source, of either template. */
function bucketOf(configuration: JsonValue | undefined): string | undefined {
  const connection = member(configuration, "connectionConfiguration");
  const name =
    member(member(connection, "repositoryEndpointMetadata"), "BucketName") ??
    member(connection, "bucketName");
  return typeof name === "string" ? name : undefined;
}

function member(value: JsonValue | undefined, name: string): JsonValue | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  return Object.hasOwn(value, name) ? (value as Record<string, JsonValue>)[name] : undefined;
}
