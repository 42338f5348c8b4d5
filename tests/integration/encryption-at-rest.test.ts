import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import {
  BatchPutDocumentCommand,
  GetDocumentContentCommand,
  ListMessagesCommand,
  PutFeedbackCommand,
} from "@aws-sdk/client-qbusiness";
import { type ChildServer, startChild } from "../support/child-server.ts";
import { qbusinessHttp1 } from "../support/clients.ts";
import { bytesBelow, makeEncryptedSite, makeKey } from "../support/encryption-site.ts";
import { type FolderBucket, folderBuckets } from "../support/folder-bucket.ts";
import {
  ask,
  makeRole,
  makeSource,
  search,
  settled,
  type Site,
  type Source,
  startSync,
  sync,
} from "../support/site.ts";
import { type Issuer, openIssuer } from "./sign-in-issuer.ts";
import { as, providerArn, providerName, type SignInSite, trustOf } from "./sign-in-site.ts";
import { clientIds } from "./sign-in-issuer.ts";

/**
 * Words that stand in content and nowhere else. Each is what the analyzer leaves of it, so that it is
 * seen in a dictionary of terms as well.
 */
const canaries = {
  text: "quillwort",
  title: "bramblecap",
  attribute: "fennimoor",
  uri: "larkspunt",
  put: "osprumbor",
  replaced: "thistlorn",
  question: "moonvetch",
  followUp: "garnetwisp",
  comment: "sedgelump",
  broken: "wrackthorn",
  waiting: "pondmurk",
} as const;
type Canary = keyof typeof canaries;

type Run = {
  readonly server: ChildServer;
  readonly issuer: Issuer;
  readonly bucket: FolderBucket;
};

/** An application that does everything with content that there is to do. */
async function live(run: Run, kmsKeyId: string | undefined): Promise<Source> {
  const { server, bucket } = run;
  const anonymous = await makeEncryptedSite(server, kmsKeyId);
  const source = await makeSource(anonymous, bucket.name);
  await fill(source);
  const answer = await ask(source, `Where does the ${canaries.text} grow?`, {
    clientToken: "11111111-2222-3333-4444-555555555555",
  });
  const { conversationId, systemMessageId } = answer;
  assert.match(answer.systemMessage ?? "", new RegExp(canaries.text), "there is an answer");
  await ask(source, `And the ${canaries.followUp}?`, {
    conversationId,
    parentMessageId: systemMessageId,
  });
  await source.client.send(
    new PutFeedbackCommand({
      applicationId: source.applicationId,
      conversationId,
      messageId: systemMessageId,
      messageUsefulness: {
        usefulness: "NOT_USEFUL",
        submittedAt: new Date(),
        comment: `It is about ${canaries.comment}.`,
      },
    }),
  );
  await liveSignedIn(run, kmsKeyId);
  return source;
}

const body = (text: string) => ({ blob: Buffer.from(text) });

async function fill(source: Source): Promise<void> {
  const { client, applicationId, indexId } = source;
  const put = async (id: string, content: string, more: object = {}): Promise<void> => {
    const documents = [{ id, content: body(content), ...more }];
    await client.send(new BatchPutDocumentCommand({ applicationId, indexId, documents }));
  };
  const title = `The ${canaries.title}`;
  const attributes = [
    { name: "_category", value: { stringValue: canaries.attribute } },
    { name: "_source_uri", value: { stringValue: `https://example.com/${canaries.uri}` } },
  ];
  await put("a", `The ${canaries.replaced} was here.`);
  await settled(source);
  await put("a", `The ${canaries.put} is here.`, { title, attributes });
  await settled(source);
  const job = await sync(source);
  assert.equal(job.status, "INCOMPLETE", "one metadata file is broken");
  // Enough small segments for a merge.
  for (let n = 0; n < 12; n += 1) {
    await put(`many-${n}`, `The ${canaries.put} number ${n} is here.`);
    await settled(source);
  }
}

/** An application whose users sign in keeps copies of documents, and conversations of users. */
async function liveSignedIn({ server, issuer }: Run, kmsKeyId: string | undefined): Promise<void> {
  const identity = {
    identityType: "AWS_IAM_IDP_OIDC",
    iamIdentityProviderArn: providerArn,
    clientIdsForOIDC: Object.values(clientIds),
  } as const;
  const site = await makeEncryptedSite(server, kmsKeyId, identity);
  const roleArn = await makeRole(site.iam, `web-${site.applicationId}`, {
    trust: trustOf(),
    policy: {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "qbusiness:*", Resource: "*" }],
    },
  });
  const { client, applicationId, indexId } = site;
  const documents = [{ id: "b", content: body(`The ${canaries.text} is here.`.repeat(50)) }];
  await client.send(new BatchPutDocumentCommand({ applicationId, indexId, documents }));
  await settled(site);
  const signIn = { ...site, server, issuer, roleArn } as unknown as SignInSite;
  const ada = await as(signIn, "ada@acme.com");
  for (const outputFormat of ["RAW", "EXTRACTED"] as const) {
    const { presignedUrl = "" } = await ada.client.send(
      new GetDocumentContentCommand({ applicationId, indexId, documentId: "b", outputFormat }),
    );
    const text = await (await fetch(presignedUrl)).text();
    assert.ok(text.includes(`The ${canaries.text} is here.`), outputFormat);
  }
  const { conversationId } = await ask(ada, `What is ${canaries.question}?`);
  const { messages = [] } = await ada.client.send(
    new ListMessagesCommand({ applicationId, conversationId }),
  );
  assert.ok(messages.some(({ body: text }) => text === `What is ${canaries.question}?`));
}

/** Puts documents and dies before they are indexed, while a sync runs. */
async function dieAtWork({ server }: Run, source: Source): Promise<void> {
  const { client, applicationId, indexId } = source;
  await startSync(source);
  const documents = Array.from({ length: 10 }, (_, n) => ({
    id: `waiting-${n}`,
    title: `${canaries.waiting} title`,
    content: body(`The ${canaries.waiting} number ${n}. `.repeat(20)),
  }));
  await client.send(new BatchPutDocumentCommand({ applicationId, indexId, documents }));
  await server.kill();
}

async function fillBucket(bucket: FolderBucket): Promise<void> {
  for (let n = 0; n < 30; n += 1) {
    await bucket.put(`${n}.txt`, `The ${canaries.text} number ${n} grows in the pond.`);
  }
  await bucket.putJson("0.txt.metadata.json", {
    Title: `A ${canaries.title}`,
    Attributes: { _category: canaries.attribute },
  });
  await bucket.put("bad.txt", "nothing");
  await bucket.putJson("bad.txt.metadata.json", {
    Attributes: { _category: 3, [canaries.broken]: [[canaries.broken]] },
  });
}

/** Where each canary stands, in any file. */
async function findCanaries(dataDir: string): Promise<ReadonlyMap<Canary, readonly string[]>> {
  const files = await bytesBelow(dataDir);
  assert.ok([...files.keys()].some((path) => path.endsWith("quarry.db")));
  assert.ok([...files.keys()].some((path) => path.includes("content")));
  const names = Object.keys(canaries) as Canary[];
  return new Map(
    names.map((name) => [name, [...files].filter(([, bytes]) => holds(bytes, name)).map(pathOf)]),
  );

  function pathOf([path]: readonly [string, Buffer]): string {
    return path.slice(dataDir.length + 1);
  }
}

function holds(bytes: Buffer, name: Canary): boolean {
  const word = canaries[name];
  const capital = word[0]?.toUpperCase() + word.slice(1);
  return [word, capital, word.toUpperCase()].some(
    (form) => bytes.includes(form) || bytes.includes(Buffer.from(form, "utf16le")),
  );
}

async function withServer(
  isEncrypted: boolean,
  check: (dataDir: string, source: Source, run: Run) => Promise<void>,
): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "quarry-rest-"));
  await using made = await folderBuckets(1);
  await using issuer = await openIssuer();
  const [bucket] = made.buckets;
  assert.ok(bucket);
  await fillBucket(bucket);
  const buckets = { [bucket.name]: bucket.folder };
  const more = { oidcIssuers: { [providerName]: issuer.url } };
  let server = await startChild(dataDir, buckets, more);
  try {
    const run = { server, issuer, bucket };
    const source = await live(run, isEncrypted ? await makeKey(server) : undefined);
    await dieAtWork(run, source);
    await check(dataDir, source, run);
    server = await startChild(dataDir, buckets, more);
    const again = { ...source, client: qbusinessHttp1(server) } satisfies Site;
    const documents = await settled(again);
    assert.equal(
      [...documents.values()].filter(({ status }) => status === "INDEXED").length,
      30 + 10 + 12,
      "what was acknowledged is indexed",
    );
    assert.equal(documents.get("a")?.status, "UPDATED");
    assert.equal((await search(again, canaries.waiting)).length, 10);
    assert.ok((await search(again, canaries.text)).length > 20);
    await server.kill();
    await check(dataDir, source, run);
  } finally {
    await server.kill();
    await rm(dataDir, { recursive: true, force: true });
  }
}

test("no file of a killed server holds a word of an encrypted application's content", async () => {
  await withServer(true, async (dataDir) => {
    const found = await findCanaries(dataDir);
    assert.deepEqual(
      [...found].filter(([, files]) => files.length > 0),
      [],
    );
    assert.equal(found.size, 11);
  });
});

test("the same words are found where the application has no key: the search for them can see", async () => {
  await withServer(false, async (dataDir) => {
    const found = await findCanaries(dataDir);
    // Texts of chunks are compressed in the database; their words stand in the dictionaries.
    const unseen = [...found].filter(([, files]) => files.length === 0).map(([name]) => name);
    assert.deepEqual(unseen, []);
    const places = new Set([...found.values()].flat().map((path) => path.split("/")[0]));
    assert.ok(places.has("content"), "copies are looked into");
  });
});
