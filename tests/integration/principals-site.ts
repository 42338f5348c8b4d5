// A site whose visitors sign in, and a look at what each of them would find.
import assert from "node:assert/strict";
import { join } from "node:path";
import {
  type AccessConfiguration,
  BatchPutDocumentCommand,
  CheckDocumentAccessCommand,
  CreateApplicationCommand,
  CreateDataSourceCommand,
  CreateIndexCommand,
  CreateRetrieverCommand,
  GetGroupCommand,
  type GroupMembers,
  PutGroupCommand,
  StartDataSourceSyncJobCommand,
  StopDataSourceSyncJobCommand,
} from "@aws-sdk/client-qbusiness";
import type { Viewer } from "../../src/core/viewer.ts";
import { createSearch, type Search } from "../../src/search/search.ts";
import { type Database, documents, openDatabase } from "../../src/store/store.ts";
import { iam, qbusinessHttp1 } from "../support/clients.ts";
import { accountId, settled, type Site } from "../support/site.ts";
import type { TestServer } from "../support/test-server.ts";

/** Makes an application of people who sign in, with an index and a retriever. */
export async function makeSignedInSite(server: TestServer): Promise<Site> {
  const client = qbusinessHttp1(server);
  const { applicationId = "", applicationArn = "" } = await client.send(
    new CreateApplicationCommand({
      displayName: "site",
      identityType: "AWS_IAM_IDP_SAML",
      iamIdentityProviderArn: `arn:aws:iam::${accountId}:saml-provider/people`,
    }),
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

/** Makes a custom data source. */
export async function makeCustomSource(site: Site): Promise<string> {
  const { client, applicationId, indexId } = site;
  const { dataSourceId = "" } = await client.send(
    new CreateDataSourceCommand({
      applicationId,
      indexId,
      displayName: "custom",
      configuration: { type: "CUSTOM", version: "1.0.0" } as never,
    }),
  );
  return dataSourceId;
}

/** A document to be put; its text is the same word for all, so that one question finds them. */
export type Put = { readonly id: string; readonly access?: AccessConfiguration };

/** Puts documents, directly or as those of a custom data source, and waits until they answer. */
export async function putDocuments(
  site: Site,
  puts: readonly Put[],
  dataSourceId?: string,
): Promise<void> {
  const { client, applicationId, indexId } = site;
  const path = { applicationId, indexId };
  const dataSourceSyncId =
    dataSourceId === undefined
      ? undefined
      : (await client.send(new StartDataSourceSyncJobCommand({ ...path, dataSourceId })))
          .executionId;
  for (let begin = 0; begin < puts.length; begin += 10) {
    const { failedDocuments = [] } = await client.send(
      new BatchPutDocumentCommand({
        ...path,
        dataSourceSyncId,
        documents: puts.slice(begin, begin + 10).map(({ id, access }) => ({
          id,
          content: { blob: Buffer.from("Words about the harbour.") },
          contentType: "PLAIN_TEXT",
          ...(access === undefined ? {} : { accessConfiguration: access }),
        })),
      }),
    );
    assert.deepEqual(failedDocuments, []);
  }
  await settled(site);
  if (dataSourceId !== undefined) {
    await client.send(new StopDataSourceSyncJobCommand({ ...path, dataSourceId }));
  }
}

/** What people find, asked of the server's own database by an engine of its own. */
export type Finder = AsyncDisposable & {
  readonly db: Database;
  readonly search: Search;
  /** Ids of all documents that a viewer finds, sorted. */
  readonly find: (site: Site, viewer: Viewer | string) => Promise<readonly string[]>;
};

/** Opens an engine over a server's data. What the server changes counts there at once, too. */
export async function openFinder(server: TestServer): Promise<Finder> {
  const db = await openDatabase(join(server.dataDir, "quarry.db"));
  const search = createSearch({ db, threads: 1 });
  return {
    db,
    search,
    find: async ({ indexId }, who) => {
      const viewer: Viewer =
        typeof who === "string" ? { kind: "user", email: who, groups: [] } : who;
      const { passages } = await search.retrieve({ indexId, viewer, text: "harbour", limit: 100 });
      const rows = await documents.findMany(
        db.read,
        passages.map(({ documentKey }) => documentKey),
      );
      return rows.map(({ documentId }) => documentId).toSorted();
    },
    async [Symbol.asyncDispose]() {
      await search[Symbol.asyncDispose]();
      await db[Symbol.asyncDispose]();
    },
  };
}

/** Puts a group of the index, or of a data source. */
export async function putGroup(
  { client, applicationId, indexId }: Site,
  groupName: string,
  groupMembers: GroupMembers,
  more: { readonly dataSourceId?: string; readonly roleArn?: string } = {},
): Promise<void> {
  const type = more.dataSourceId === undefined ? "INDEX" : "DATASOURCE";
  await client.send(
    new PutGroupCommand({ applicationId, indexId, groupName, type, groupMembers, ...more }),
  );
}

/** How a group stands. */
export function getGroup(
  { client, applicationId, indexId }: Site,
  groupName: string,
  dataSourceId?: string,
) {
  return client.send(new GetGroupCommand({ applicationId, indexId, groupName, dataSourceId }));
}

/** Whether a user may see a document, and why. */
export function checkAccess(
  { client, applicationId, indexId }: Site,
  userId: string,
  documentId: string,
  dataSourceId?: string,
) {
  return client.send(
    new CheckDocumentAccessCommand({ applicationId, indexId, userId, documentId, dataSourceId }),
  );
}
