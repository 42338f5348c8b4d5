import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import {
  BatchPutDocumentCommand,
  ChatCommand,
  type ChatInputStream,
} from "@aws-sdk/client-qbusiness";
import { qbusiness } from "../support/clients.ts";
import {
  ask,
  counts,
  listDocuments,
  noAnswer,
  search,
  settled,
  type Site,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

const files = {
  "hr/salaries.txt": "The salary of the harbour master is 71234 crowns.",
  "hr-public/rules.txt": "Everybody may use the harbour sauna on Fridays.",
  "open/news.txt": "The harbour fair begins on the ninth of May.",
};
const secret = "What is the salary of the harbour master?";
const sales = [{ Name: "sales", Type: "GROUP", Access: "ALLOW" }];

function aclFile(bucket: string, ...prefixes: readonly string[]): unknown {
  return prefixes.map((prefix) => ({ keyPrefix: `s3://${bucket}/${prefix}`, aclEntries: sales }));
}

/** Asks in every way there is; nothing of any answer may tell of the hidden text. */
async function assertHidden(world: World, site: Site, words = /71234|salar|harbour master is/i) {
  const answer = await ask(site, secret);
  const told = `${answer.systemMessage} ${JSON.stringify(answer.sourceAttributions)}`;
  assert.doesNotMatch(told, words);
  for (const question of ["salaries.txt", "71234 crowns", "salary harbour master"]) {
    for (const id of await search(site, question)) assert.doesNotMatch(id, /salaries/);
  }
  const { outputStream } = await qbusiness(world.server).send(
    new ChatCommand({ applicationId: site.applicationId, inputStream: question() }),
  );
  const streamed: unknown[] = [];
  for await (const event of outputStream ?? []) streamed.push(event);
  assert.doesNotMatch(JSON.stringify(streamed), words);
}

async function* question(): AsyncGenerator<ChatInputStream> {
  yield { textEvent: { userMessage: secret } } as ChatInputStream;
  yield { endOfInputEvent: {} } as ChatInputStream;
}

describe("anonymous visitors and access lists", () => {
  let world: World;
  before(async () => {
    world = await openWorld(30);
  });
  after(() => world.close());

  test("never see a document that the ACL file lists, by no way of asking", async () => {
    const source = await world.source(files, { aclConfigurationFilePath: "acl.json" });
    await source.files.putJson("acl.json", aclFile(source.bucket, "hr/"));
    assert.equal(counts(await sync(source)), "3 3 0 0 0");
    await assertHidden(world, source);
    const open = await ask(source, "When does the harbour fair begin?");
    assert.match(open.systemMessage ?? "", /ninth of May/);
  });

  test("S8: a prefix that the ACL file does not list is public", async () => {
    const source = await world.source(files, { aclConfigurationFilePath: "acl.json" });
    await source.files.putJson("acl.json", aclFile(source.bucket, "hr/"));
    await sync(source);
    assert.equal((await search(source, "harbour sauna on Fridays")).length > 0, true);
  });

  test("S17: a change of the ACL file alone counts as modified, and counts at once", async () => {
    const source = await world.source(files, { aclConfigurationFilePath: "acl.json" });
    await source.files.putJson("acl.json", []);
    await sync(source);
    assert.match((await ask(source, secret)).systemMessage ?? "", /71234/);
    await source.files.putJson("acl.json", aclFile(source.bucket, "hr/"));
    assert.equal(counts(await sync(source)), "3 0 1 0 0");
    await assertHidden(world, source);
    await source.files.putJson("acl.json", []);
    assert.equal(counts(await sync(source)), "3 0 1 0 0");
    assert.match((await ask(source, secret)).systemMessage ?? "", /71234/);
  });

  test("S6: an ACL file that is missing or malformed fails the job, and nothing changes", async () => {
    const source = await world.source(files, { aclConfigurationFilePath: "acl.json" });
    const missing = await sync(source);
    assert.equal(missing.status, "FAILED");
    assert.equal(missing.dataSourceErrorCode, "S3-5102");
    assert.equal((await listDocuments(source)).size, 0);
    for (const broken of ["{", "{}", '[{"keyPrefix":"s3://elsewhere/","aclEntries":[]}]']) {
      await source.files.put("acl.json", broken);
      const job = await sync(source);
      assert.equal(job.status, "FAILED", broken);
      assert.equal(job.dataSourceErrorCode, "S3-5103", broken);
      assert.equal((await listDocuments(source)).size, 0, broken);
    }
    await source.files.putJson("acl.json", aclFile(source.bucket, "hr/"));
    assert.equal(counts(await sync(source)), "3 3 0 0 0");
    await source.files.put("acl.json", "[");
    await source.files.put("hr/salaries.txt", "The salary of the harbour master is now 71234.");
    await source.files.remove("open/news.txt");
    assert.equal((await sync(source)).status, "FAILED");
    assert.equal((await listDocuments(source)).size, 3);
    await assertHidden(world, source);
  });

  test("S9: a list in the metadata replaces the file's", async () => {
    const source = await world.source(files, { aclConfigurationFilePath: "acl.json" });
    await source.files.putJson("acl.json", aclFile(source.bucket, "open/"));
    await source.files.putJson("hr/salaries.txt.metadata.json", { AccessControlList: sales });
    await sync(source);
    await assertHidden(world, source);
    assert.deepEqual(await search(source, "harbour fair ninth of May"), [
      `s3://${source.bucket}/hr-public/rules.txt`,
    ]);
  });

  test("a list that comes with broken metadata does not open the version before", async () => {
    const source = await world.source(files);
    await source.files.putJson("hr/salaries.txt.metadata.json", { AccessControlList: sales });
    await sync(source);
    await source.files.put("hr/salaries.txt.metadata.json", "{");
    assert.equal((await sync(source)).status, "INCOMPLETE");
    await assertHidden(world, source);
  });

  test("S10: lists that only deny, or are empty, mean nobody", async () => {
    const source = await world.source(files, { aclConfigurationFilePath: "acl.json" });
    const deny = [{ Name: "mallory@example.com", Type: "USER", Access: "DENY" }];
    await source.files.putJson("acl.json", [
      { keyPrefix: `s3://${source.bucket}/hr/`, aclEntries: deny },
    ]);
    await sync(source);
    await assertHidden(world, source);
  });

  test("S5: putting a document again without an ACL makes it public", async () => {
    const site = await world.site();
    const put = (more: object) =>
      site.client.send(
        new BatchPutDocumentCommand({
          applicationId: site.applicationId,
          indexId: site.indexId,
          documents: [
            { id: "pay", content: { blob: Buffer.from(files["hr/salaries.txt"]) }, ...more },
          ],
        }),
      );
    await put({
      accessConfiguration: {
        accessControls: [{ principals: [{ group: { name: "sales", access: "ALLOW" } }] }],
      },
    });
    await settled(site);
    await assertHidden(world, site);
    assert.equal((await ask(site, secret)).systemMessage, noAnswer);
    await put({});
    await settled(site);
    assert.match((await ask(site, secret)).systemMessage ?? "", /71234/);
    await put({ accessConfiguration: { accessControls: [] } });
    await settled(site);
    await assertHidden(world, site);
  });

  test("a new version that cannot be read guards the old one with its list", async () => {
    const site = await world.site();
    const { applicationId, indexId } = site;
    const put = async (document: object) => {
      const documents = [{ id: "pay", contentType: "PLAIN_TEXT" as const, ...document }];
      const command = new BatchPutDocumentCommand({ applicationId, indexId, documents });
      assert.deepEqual((await site.client.send(command)).failedDocuments, []);
      return (await settled(site)).get("pay");
    };
    await put({ content: { blob: Buffer.from(files["hr/salaries.txt"]) } });
    assert.match((await ask(site, secret)).systemMessage ?? "", /71234/);
    const failed = await put({
      content: { blob: Buffer.from("   \n ") },
      accessConfiguration: {
        accessControls: [{ principals: [{ group: { name: "sales", access: "ALLOW" } }] }],
      },
    });
    assert.equal(failed?.status, "DOCUMENT_FAILED_TO_INDEX");
    await assertHidden(world, site);
    await put({ content: { blob: Buffer.from(files["hr/salaries.txt"]) } });
    assert.match((await ask(site, secret)).systemMessage ?? "", /71234/);
  });
});
