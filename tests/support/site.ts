import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import {
  CreateAccessKeyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  type IAMClient,
  PutRolePolicyCommand,
  PutUserPolicyCommand,
} from "@aws-sdk/client-iam";
import {
  ChatSyncCommand,
  type ChatSyncCommandInput,
  CreateApplicationCommand,
  CreateDataSourceCommand,
  CreateIndexCommand,
  CreateRetrieverCommand,
  type DataSourceSyncJob,
  type DocumentDetails,
  ListDataSourceSyncJobsCommand,
  paginateListDocuments,
  type QBusinessClient,
  SearchRelevantContentCommand,
  StartDataSourceSyncJobCommand,
} from "@aws-sdk/client-qbusiness";
import { s3ConnectorPolicy, s3ConnectorTrustPolicy } from "../../src/cli/policy/policies.ts";
import type { Endpoint, Keys } from "./clients.ts";
import { iam, qbusinessHttp1 } from "./clients.ts";

export const accountId = "111122223333";
export const region = "us-east-1";

/** An anonymous application with an index and a retriever, made with the real client. */
export type Site = {
  readonly applicationId: string;
  readonly applicationArn: string;
  readonly indexId: string;
  readonly indexArn: string;
  readonly retrieverId: string;
  /** The root user's clients. */
  readonly client: QBusinessClient;
  readonly iam: IAMClient;
};

/** Makes a site; nothing is shared with other sites of the server but the account. */
export async function makeSite(server: Endpoint): Promise<Site> {
  // HTTP/1.1 keeps its connections, so it costs a test less than a new session for each call.
  const client = qbusinessHttp1(server);
  const { applicationId = "", applicationArn = "" } = await client.send(
    new CreateApplicationCommand({ displayName: "site", identityType: "ANONYMOUS" }),
  );
  const { indexId = "", indexArn = "" } = await client.send(
    new CreateIndexCommand({ applicationId, displayName: "index" }),
  );
  const { retrieverId = "" } = await client.send(
    new CreateRetrieverCommand({
      applicationId,
      displayName: "retriever",
      type: "NATIVE_INDEX",
      configuration: { nativeIndexConfiguration: { indexId } },
    }),
  );
  const ids = { applicationId, applicationArn, indexId, indexArn, retrieverId };
  return { ...ids, client, iam: iam(server) };
}

/** The configuration of an S3 data source in template `S3`. */
export function s3Configuration(
  bucket: string,
  settings: {
    readonly syncMode?: string;
    readonly [property: string]: unknown;
  } = {},
): Record<string, unknown> {
  const { syncMode = "FULL_CRAWL", ...additionalProperties } = settings;
  return {
    type: "S3",
    syncMode,
    version: "1.0.0",
    connectionConfiguration: { repositoryEndpointMetadata: { BucketName: bucket } },
    repositoryConfigurations: { document: { fieldMappings: [] } },
    additionalProperties,
  };
}

/** A data source over a bucket, with the published role. */
export type Source = Site & {
  readonly dataSourceId: string;
  readonly bucket: string;
  readonly roleArn: string;
  readonly roleName: string;
};

/** Makes the published connector role and a data source that takes it. */
export async function makeSource(
  site: Site,
  bucket: string,
  settings: Parameters<typeof s3Configuration>[1] = {},
): Promise<Source> {
  const { applicationId, indexId } = site;
  const place = { region, accountId, applicationId, indexId, bucket };
  const roleName = `connector-${randomUUID()}`;
  const roleArn = await makeRole(site.iam, roleName, {
    trust: s3ConnectorTrustPolicy(place),
    policy: s3ConnectorPolicy(place),
  });
  const { dataSourceId = "" } = await site.client.send(
    new CreateDataSourceCommand({
      applicationId,
      indexId,
      displayName: "source",
      roleArn,
      configuration: s3Configuration(bucket, settings) as never,
    }),
  );
  return { ...site, dataSourceId, bucket, roleArn, roleName };
}

/** Makes a role; gives its ARN. */
export async function makeRole(
  client: IAMClient,
  RoleName: string,
  documents: { readonly trust: object; readonly policy?: object },
): Promise<string> {
  const AssumeRolePolicyDocument = JSON.stringify(documents.trust);
  const { Role } = await client.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  if (documents.policy !== undefined) await putRolePolicy(client, RoleName, documents.policy);
  return Role?.Arn ?? assert.fail("no role");
}

/** Replaces a role's one inline policy. */
export async function putRolePolicy(
  client: IAMClient,
  RoleName: string,
  policy: object,
): Promise<void> {
  const PolicyDocument = JSON.stringify(policy);
  await client.send(new PutRolePolicyCommand({ RoleName, PolicyName: "own", PolicyDocument }));
}

/** Makes a user with one inline policy; gives its keys. */
export async function makeUser(client: IAMClient, policy?: object): Promise<Keys> {
  const UserName = `user-${randomUUID()}`;
  await client.send(new CreateUserCommand({ UserName }));
  if (policy !== undefined) {
    const PolicyDocument = JSON.stringify(policy);
    await client.send(new PutUserPolicyCommand({ UserName, PolicyName: "own", PolicyDocument }));
  }
  const { AccessKey } = await client.send(new CreateAccessKeyCommand({ UserName }));
  const { AccessKeyId: accessKeyId = "", SecretAccessKey: secretAccessKey = "" } = AccessKey ?? {};
  return { accessKeyId, secretAccessKey };
}

/** Path members of a data source. */
export function pathOf({ applicationId, indexId, dataSourceId }: Source) {
  return { applicationId, indexId, dataSourceId };
}

/** Starts a sync; gives its execution id. */
export async function startSync(source: Source): Promise<string> {
  const { executionId } = await source.client.send(
    new StartDataSourceSyncJobCommand(pathOf(source)),
  );
  return executionId ?? assert.fail("no execution id");
}

const ended = ["SUCCEEDED", "INCOMPLETE", "FAILED", "ABORTED"];

/** Waits until a job has ended. */
export async function endOf(source: Source, executionId: string): Promise<DataSourceSyncJob> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(20)) {
    const { history = [] } = await source.client.send(
      new ListDataSourceSyncJobsCommand({ ...pathOf(source), maxResults: 10 }),
    );
    const job = history.find((entry) => entry.executionId === executionId);
    if (job?.status !== undefined && ended.includes(job.status)) return job;
  }
  return assert.fail(`The sync ${executionId} did not end within a minute.`);
}

/** Runs a sync to its end. */
export async function sync(source: Source): Promise<DataSourceSyncJob> {
  return endOf(source, await startSync(source));
}

/** What a job counted: scanned, added, modified, deleted, failed. */
export function counts({ metrics }: DataSourceSyncJob): string {
  const { documentsScanned, documentsAdded, documentsModified, documentsDeleted, documentsFailed } =
    metrics ?? {};
  return [
    documentsScanned,
    documentsAdded,
    documentsModified,
    documentsDeleted,
    documentsFailed,
  ].join(" ");
}

/** All documents of an index, by id. */
export async function listDocuments(
  { client, applicationId, indexId }: Site,
  pageSize = 100,
): Promise<ReadonlyMap<string, DocumentDetails>> {
  const found = new Map<string, DocumentDetails>();
  const pages = paginateListDocuments({ client, pageSize }, { applicationId, indexId });
  for await (const { documentDetailList = [] } of pages) {
    for (const document of documentDetailList) {
      assert.ok(!found.has(document.documentId ?? ""), `${document.documentId} is listed twice`);
      found.set(document.documentId ?? "", document);
    }
  }
  return found;
}

/** Waits until no document of the index is on its way any more. */
export async function settled(site: Site): Promise<ReadonlyMap<string, DocumentDetails>> {
  for (const until = Date.now() + 60_000; Date.now() < until; await sleep(20)) {
    const documents = await listDocuments(site);
    const isMoving = [...documents.values()].some(({ status }) =>
      ["RECEIVED", "PROCESSING", "DELETING"].includes(status ?? ""),
    );
    if (!isMoving) return documents;
  }
  return assert.fail("Documents are still on their way after a minute.");
}

/** Asks one question. */
export function ask(
  site: Site,
  userMessage: string,
  more: Partial<ChatSyncCommandInput> = {},
  client: QBusinessClient = site.client,
) {
  const { applicationId } = site;
  return client.send(new ChatSyncCommand({ applicationId, userMessage, ...more }));
}

/** Document ids that a question finds, best first. */
export async function search(site: Site, queryText: string): Promise<readonly string[]> {
  const { relevantContent = [] } = await site.client.send(
    new SearchRelevantContentCommand({
      applicationId: site.applicationId,
      queryText,
      contentSource: { retriever: { retrieverId: site.retrieverId } },
      maxResults: 100,
    }),
  );
  return [...new Set(relevantContent.map(({ documentId }) => documentId ?? ""))];
}

/** The published text of an answer that found nothing. */
export const noAnswer = "Sorry, I could not find relevant information to complete your request.";
