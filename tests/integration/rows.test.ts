// Rows of the list of behaviours that are easy to get wrong, over the wire and with the real client,
// as far as no other test has their names.
import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import {
  BatchPutDocumentCommand,
  CreateDataSourceCommand,
  CreateWebExperienceCommand,
  type CreateDataSourceCommandInput,
  GetWebExperienceCommand,
  ListApplicationsCommand,
  ListDataSourceSyncJobsCommand,
  StopDataSourceSyncJobCommand,
  UpdateRetrieverCommand,
  UpdateWebExperienceCommand,
} from "@aws-sdk/client-qbusiness";
import { qbusiness, qbusinessHttp1, refusal } from "../support/clients.ts";
import {
  counts,
  endOf,
  listDocuments,
  pathOf,
  s3Configuration,
  search,
  type Site,
  startSync,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

describe("rows", () => {
  let world: World;
  before(async () => {
    world = await openWorld(8);
  });
  after(() => world.close());

  const create = (site: Site, input: Partial<CreateDataSourceCommandInput>) => {
    const { applicationId, indexId } = site;
    const configuration = { type: "CUSTOM", version: "1.0.0" };
    const basics = { applicationId, indexId, displayName: "source", configuration };
    return site.client.send(new CreateDataSourceCommand({ ...basics, ...input }));
  };

  test("S4 an ended sync id fails all documents of a call that succeeds", async () => {
    const site = await world.site();
    const { dataSourceId = "" } = await create(site, {});
    const source = { ...site, dataSourceId, bucket: "", roleArn: "", roleName: "" };
    const dataSourceSyncId = await startSync(source);
    await site.client.send(new StopDataSourceSyncJobCommand(pathOf(source)));
    await endOf(source, dataSourceSyncId);
    const { applicationId, indexId } = site;
    const documents = ["a", "b"].map((id) => ({ id, content: { blob: Buffer.from("text") } }));
    const { $metadata, failedDocuments } = await site.client.send(
      new BatchPutDocumentCommand({ applicationId, indexId, documents, dataSourceSyncId }),
    );
    assert.equal($metadata.httpStatusCode, 200);
    assert.deepEqual(
      failedDocuments?.map(({ id, error }) => [id, error?.errorCode]),
      [
        ["a", "ResourceInactive"],
        ["b", "ResourceInactive"],
      ],
    );
    assert.equal((await listDocuments(site)).size, 0);
  });

  test("S18 /x/** matches nothing, **/x/** misses the root, and exclusion always wins", async () => {
    const files = { "x/a.txt": "a", "y/x/b.txt": "b", "y/c.txt": "c", "d.txt": "d" };
    const found = async (settings: object): Promise<readonly string[]> => {
      const source = await world.source(files, { ...settings });
      await sync(source);
      const ids = [...(await listDocuments(source)).keys()];
      return ids.map((id) => id.replace(`s3://${source.bucket}/`, "")).toSorted();
    };
    assert.deepEqual(await found({ inclusionPatterns: ["/x/**"] }), []);
    assert.deepEqual(await found({ inclusionPatterns: ["**/x/**"] }), ["y/x/b.txt"]);
    const both = { inclusionPatterns: ["**/*.txt"], exclusionPrefixes: ["y/"] };
    assert.deepEqual(await found(both), ["d.txt", "x/a.txt"]);
  });

  test("S19 CUSTOM with a schedule, and CHANGE_LOG for S3, are refused", async () => {
    const site = await world.site();
    const schedule = await refusal(create(site, { syncSchedule: "cron(0 3 * * ? *)" }));
    assert.deepEqual(
      [schedule.name, schedule.fields?.[0]?.name],
      ["ValidationException", "syncSchedule"],
    );
    const configuration = s3Configuration("kb", { syncMode: "CHANGE_LOG" }) as never;
    const roleArn = "arn:aws:iam::111122223333:role/none";
    const mode = await refusal(create(site, { configuration, roleArn }));
    assert.equal(mode.name, "ValidationException");
    assert.match(mode.message, /syncMode/);
  });

  test("S20 the newer template names its bucket in other letters and takes numbers", async () => {
    const source = await world.source({
      "a.txt": "The heron fishes.",
      "big.txt": "x".repeat(4000),
    });
    const { bucket, roleArn } = source;
    const v2 = {
      type: "S3V2",
      connectionConfiguration: { bucketName: bucket, bucketOwnerAccountId: "111122223333" },
      filterConfiguration: { maxFileSizeInMegaBytes: 0.001 },
    };
    const { dataSourceId = "" } = await create(source, { configuration: v2, roleArn });
    const newer = { ...source, dataSourceId };
    assert.equal(counts(await sync(newer)), "1 1 0 0 0");
    assert.deepEqual(await search(newer, "heron fishes"), [`s3://${bucket}/a.txt`]);
    const mixed = { ...v2, connectionConfiguration: { BucketName: bucket } };
    const old = await refusal(create(source, { configuration: mixed, roleArn }));
    assert.match(old.message, /bucketName/);
  });

  test("W2 over HTTP/2 the authority is signed, and a path with escapes, and ?sync", async () => {
    const { applicationId, indexId } = await world.site();
    const client = qbusiness(world.server);
    const { CheckDocumentAccessCommand, ChatSyncCommand } =
      await import("@aws-sdk/client-qbusiness");
    const documentId = "s3://b/a x%2F+é.pdf";
    const ask = { applicationId, indexId, documentId, userId: "ada+1@x.com" };
    const { name } = await refusal(client.send(new CheckDocumentAccessCommand(ask)));
    assert.equal(name, "ResourceNotFoundException", "the signature fits");
    const turn = await client.send(new ChatSyncCommand({ applicationId, userMessage: "Heron?" }));
    assert.ok(turn.systemMessage);
    client.destroy();
  });

  test("W5 times are seconds in bodies and ISO in queries", async () => {
    const source = await world.source({ "a.txt": "a" });
    const { startTime } = await sync(source);
    const client = qbusinessHttp1(world.server);
    const bodies: string[] = [];
    client.middlewareStack.add(
      (next) => async (args) => {
        const result = await next(args);
        const response = result.response as { body: AsyncIterable<Uint8Array> };
        const chunks: Uint8Array[] = [];
        for await (const chunk of response.body) chunks.push(chunk);
        bodies.push(Buffer.concat(chunks).toString());
        const { Readable } = await import("node:stream");
        response.body = Readable.from(chunks);
        return result;
      },
      { step: "deserialize", priority: "low" },
    );
    await client.send(new ListApplicationsCommand({}));
    const { applications } = JSON.parse(bodies[0] ?? "") as {
      readonly applications: readonly { readonly createdAt: unknown }[];
    };
    const { createdAt } = applications[0] ?? {};
    assert.ok(typeof createdAt === "number" && createdAt > 1e9 && createdAt < 1e11, `${createdAt}`);
    const jobs = async (from: number): Promise<number | undefined> => {
      const at = new Date((startTime?.getTime() ?? 0) + from);
      const input = { ...pathOf(source), startTime: at };
      return (await source.client.send(new ListDataSourceSyncJobsCommand(input))).history?.length;
    };
    assert.deepEqual([await jobs(-1000), await jobs(1000)], [1, 0]);
  });

  test("W14 origins are replaced as a whole, and are base URLs only", async () => {
    const { client, applicationId } = await world.site();
    const { webExperienceId = "" } = await client.send(
      new CreateWebExperienceCommand({ applicationId, origins: ["https://a.example.com"] }),
    );
    const update = (origins: string[]) =>
      client.send(new UpdateWebExperienceCommand({ applicationId, webExperienceId, origins }));
    await update(["https://b.example.com", "https://c.example.com"]);
    const read = await client.send(new GetWebExperienceCommand({ applicationId, webExperienceId }));
    assert.deepEqual(read.origins, ["https://b.example.com", "https://c.example.com"]);
    const { name } = await refusal(update(["https://b.example.com/path"]));
    assert.equal(name, "ValidationException");
  });

  test("W15 boosts are refused in words until they are built, not dropped", async () => {
    const { client, applicationId, indexId, retrieverId } = await world.site();
    const boostingOverride = {
      department: { stringConfiguration: { boostingLevel: "HIGH" as const } },
    };
    const configuration = { nativeIndexConfiguration: { indexId, boostingOverride } };
    const input = { applicationId, retrieverId, configuration };
    const { name, message } = await refusal(client.send(new UpdateRetrieverCommand(input)));
    assert.equal(name, "ValidationException");
    assert.match(message, /boost/i);
  });
});

test("each row has a test of its name", () => {
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const named = new Set<string>();
  let files = 0;
  for (const folder of ["src", "tests"]) {
    for (const name of readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })) {
      if (!name.endsWith(".test.ts")) continue;
      files += 1;
      const text = readFileSync(join(root, folder, name), "utf8");
      for (const [, rows = ""] of text.matchAll(/\btest\(\s*["'`]((?:[SW]\d+(?:, | to |:? ))+)/g)) {
        for (const row of rows.match(/[SW]\d+/g) ?? []) named.add(row);
      }
    }
  }
  assert.ok(files > 100, `${files} files were looked at`);
  const rows = [
    ...Array.from({ length: 20 }, (_, at) => `S${at + 1}`),
    ...Array.from({ length: 16 }, (_, at) => `W${at + 1}`),
  ];
  assert.deepEqual(
    rows.filter((row) => !named.has(row)),
    [],
  );
});
