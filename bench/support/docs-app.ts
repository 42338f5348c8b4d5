// An anonymous application over the documentation pages, on a running server.
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, createClient } from "../../src/cli/client/client.ts";
import { s3ConnectorPolicy, s3ConnectorTrustPolicy } from "../../src/cli/policy/policies.ts";
import type { DataSourceSyncJob } from "../../src/contract/contract.ts";
import type { ServerProcess } from "./server-process.ts";

const corpus = "../shared/data/docs-corpus/opensearch-docs";
const region = "us-east-1";
const accountId = "000000000000";

/** Name under which the server is to know the folder. */
export const docsBucket = "docs";

/** The pages as a folder that goes away; undefined where the corpus is not at hand. */
export function unpackDocs(): (Disposable & { readonly folder: string }) | undefined {
  if (!existsSync(`${corpus}.tar.gz`)) return undefined;
  const folder = mkdtempSync(join(tmpdir(), "quarry-bench-docs-"));
  execFileSync("tar", ["xzf", `${corpus}.tar.gz`, "-C", folder]);
  return {
    folder: join(folder, "opensearch-docs"),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

/** The questions about the pages. */
export function docsQuestions(): readonly string[] {
  const lines = readFileSync(`${corpus}.questions.jsonl`, "utf8").trim().split("\n");
  return lines.map((line) => (JSON.parse(line) as { readonly question: string }).question);
}

/** Ids of what was made. */
export type DocsApp = {
  readonly client: Client;
  readonly applicationId: string;
  readonly indexId: string;
  readonly dataSourceId: string;
};

/** Makes the application with all that it needs; nothing is read from the bucket yet. */
export async function makeDocsApp(
  server: Pick<ServerProcess, "url" | "key">,
  {
    bucket = docsBucket,
    units = 1,
    settings = {},
  }: {
    readonly bucket?: string;
    /** Of index capacity; more than five make it an ENTERPRISE index. */
    readonly units?: number;
    /** `additionalProperties` of the connector's template. */
    readonly settings?: Readonly<Record<string, readonly string[]>>;
  } = {},
): Promise<DocsApp> {
  const client = createClient({
    endpoint: server.url,
    region,
    credentials: () => server.key,
    now: () => new Date(),
  });
  const { applicationId = "" } = await client.call("CreateApplication", {
    displayName: "docs",
    identityType: "ANONYMOUS",
  });
  const { indexId = "" } = await client.call("CreateIndex", {
    applicationId,
    displayName: "docs",
    type: units > 5 ? "ENTERPRISE" : "STARTER",
    capacityConfiguration: { units },
  });
  await client.call("CreateRetriever", {
    applicationId,
    displayName: "docs",
    type: "NATIVE_INDEX",
    configuration: { nativeIndexConfiguration: { indexId } },
  });
  const place = { region, accountId, applicationId, indexId, bucket };
  const RoleName = `connector-${applicationId.slice(0, 8)}`;
  const { Role } = await client.iam("CreateRole", {
    RoleName,
    AssumeRolePolicyDocument: JSON.stringify(s3ConnectorTrustPolicy(place)),
  });
  await client.iam("PutRolePolicy", {
    RoleName,
    PolicyName: "s3",
    PolicyDocument: JSON.stringify(s3ConnectorPolicy(place)),
  });
  const { dataSourceId = "" } = await client.call("CreateDataSource", {
    applicationId,
    indexId,
    displayName: "docs",
    roleArn: Role.Arn,
    configuration: {
      type: "S3",
      syncMode: "FULL_CRAWL",
      version: "1.0.0",
      connectionConfiguration: { repositoryEndpointMetadata: { BucketName: bucket } },
      repositoryConfigurations: {
        document: {
          fieldMappings: [
            {
              dataSourceFieldName: "s3_document_id",
              indexFieldName: "s3_document_id",
              indexFieldType: "STRING",
            },
          ],
        },
      },
      additionalProperties: settings,
    },
  });
  return { client, applicationId, indexId, dataSourceId };
}

/** A sync that has come to its end. */
export type FinishedSync = {
  readonly job: DataSourceSyncJob;
  /** Between the start and the end that the server notes. */
  readonly ms: number;
};

/** Runs a sync job to its end. */
export async function syncDocs({ client, ...source }: DocsApp): Promise<FinishedSync> {
  const { executionId } = await client.call("StartDataSourceSyncJob", source);
  for (;;) {
    await sleep(100);
    const { history = [] } = await client.call("ListDataSourceSyncJobs", {
      ...source,
      maxResults: 1,
    });
    const [job] = history;
    if (job?.executionId !== executionId || job?.endTime === undefined) continue;
    if (job.status !== "SUCCEEDED" && job.status !== "INCOMPLETE") {
      throw new Error(`The sync ended ${job.status}: ${job.error?.errorMessage ?? ""}`);
    }
    return { job, ms: job.endTime.getTime() - (job.startTime?.getTime() ?? NaN) };
  }
}
