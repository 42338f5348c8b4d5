import assert from "node:assert/strict";
import { test } from "node:test";
import { runCli } from "../cli.ts";
import { allPages, collect } from "../client/pages.ts";
import { testConsole } from "../testing/console.ts";
import { type SeenRequest, type TinyAnswer, tinyKey, tinyServer } from "../testing/tiny-server.ts";

const env = {
  AWS_ACCESS_KEY_ID: tinyKey.accessKeyId,
  AWS_SECRET_ACCESS_KEY: tinyKey.secretAccessKey,
};

type World = {
  readonly applications?: readonly object[];
  readonly sources?: readonly object[];
  /** The newest sync job at each look. */
  readonly jobs?: readonly object[];
  readonly start?: TinyAnswer;
  readonly documents?: readonly object[];
};

/** Answers as a server would that holds just this. */
function answers(world: World): (request: SeenRequest) => TinyAnswer {
  const { applications = [{ applicationId: "a1", displayName: "one" }], jobs = [] } = world;
  let looks = 0;
  const bodies: readonly (readonly [RegExp, () => TinyAnswer | object])[] = [
    [/\/startsync$/, () => world.start ?? { executionId: "e1" }],
    [/\/syncjobs/, () => ({ history: [jobs[Math.min(looks++, jobs.length - 1)]] })],
    [/\/documents/, () => ({ documentDetailList: world.documents ?? [] })],
    [/\/datasources/, () => ({ dataSources: world.sources ?? [{ dataSourceId: "d1" }] })],
    [/\/indices/, () => ({ indices: [{ indexId: "i1" }] })],
    [/^\/v1\/tags/, () => ({ tags: [] })],
    [/^\/applications\/[^/]+$/, () => ({ applicationArn: "arn:x" })],
    [/^\/applications/, () => ({ applications })],
  ];
  return ({ rawTarget }) => {
    const found = bodies.find(([pattern]) => pattern.test(rawTarget))?.[1]() ?? {};
    return "status" in found && typeof found.status === "number"
      ? (found as TinyAnswer)
      : { body: JSON.stringify(found) };
  };
}

async function sync(world: World, ...flags: readonly string[]) {
  await using server = await tinyServer(answers(world));
  const argv = ["sync", "--endpoint", server.url, ...flags];
  const console = testConsole(argv, { env });
  const code = await runCli(console);
  const targets = server.seen.map(({ method, rawTarget }) => `${method} ${rawTarget}`);
  return { code, out: console.out(), err: console.err(), targets };
}

test("what cannot be the id of a sync job is refused with the way to find one", async () => {
  const { code, err, targets } = await sync({}, "--report", "--job", "nope");
  assert.equal(code, 2);
  assert.equal(
    err,
    'quarry: --job is "nope", which is no sync job; "aws qbusiness list-data-source-sync-jobs" lists their ids.\n',
  );
  assert.ok(!targets.some((target) => target.includes("nope")));
});

const done = {
  executionId: "e1",
  status: "SUCCEEDED",
  metrics: { documentsScanned: "3", documentsAdded: "3" },
};
const running = {
  executionId: "e1",
  status: "SYNCING",
  metrics: { documentsScanned: "3", documentsAdded: "1", documentsFailed: "1" },
};

test("a sync is started, followed and summed up", async () => {
  const { code, out, targets } = await sync({ jobs: [running, done] });
  assert.equal(code, 0);
  assert.equal(
    out,
    "Syncing: 2 of 3 documents, 1 failed\n" +
      "Sync succeeded: 3 scanned, 3 added, 0 modified, 0 deleted, 0 failed.\n",
  );
  assert.ok(targets.includes("POST /applications/a1/indices/i1/datasources/d1/startsync"));
});

test("a sync that fails is exit code 1 with its reason; failed documents are listed", async () => {
  const failed = { ...done, status: "FAILED", error: { errorMessage: "There is no bucket." } };
  const documents = [
    {
      documentId: "s3://b/a.pdf",
      status: "DOCUMENT_FAILED_TO_INDEX",
      error: { errorMessage: "is encrypted" },
    },
    { documentId: "s3://b/b.md", status: "INDEXED", error: {} },
  ];
  const { code, out } = await sync({ jobs: [failed], documents });
  assert.equal(code, 1);
  assert.match(out, /^Sync failed: .* There is no bucket\.$/m);
  assert.match(out, /^Failed documents:\n {2}s3:\/\/b\/a\.pdf {2}is encrypted\n$/m);
  const { code: codeOfPart } = await sync({ jobs: [{ ...done, status: "INCOMPLETE" }] });
  assert.equal(codeOfPart, 1);
});

test("with --json there is nothing but JSON", async () => {
  const { code, out } = await sync({ jobs: [running, done] }, "--json");
  assert.equal(code, 0);
  const { applicationId, status, metrics, failedDocuments } = JSON.parse(out) as never;
  assert.deepEqual(
    { applicationId, status, metrics, failedDocuments },
    {
      applicationId: "a1",
      status: "SUCCEEDED",
      metrics: { scanned: 3, added: 3, modified: 0, deleted: 0, failed: 0 },
      failedDocuments: [],
    },
  );
});

const conflict = { status: 409, headers: { "x-amzn-errortype": "ConflictException" }, body: "{}" };

test("a sync that runs already is followed", async () => {
  const { code, out } = await sync({ start: conflict, jobs: [running, running, done] });
  assert.equal(code, 0);
  assert.match(out, /^A sync is running already; following it\.$/m);
});

test("a conflict that is no running sync is a failure", async () => {
  const { code, err } = await sync({ start: conflict, jobs: [done] });
  assert.equal(code, 1);
  assert.match(err, /^quarry: ConflictException: /);
});

test("a choice that cannot be made for the user is listed", async () => {
  const two = [
    { applicationId: "a1", displayName: "one" },
    { applicationId: "a2", displayName: "two" },
  ];
  const many = await sync({ applications: two });
  assert.equal(many.code, 2);
  assert.equal(
    many.err,
    "quarry: There are 2 applications; name one with --application: a1 (one), a2 (two).\n",
  );
  const none = await sync({ applications: [{ applicationId: "a1", status: "DELETING" }] });
  assert.equal(none.err, 'quarry: There is no application yet; make one, or run "quarry demo".\n');
  const sources = [
    { dataSourceId: "d1", displayName: "docs" },
    { dataSourceId: "d2", displayName: "wiki" },
  ];
  assert.equal(
    (await sync({ sources })).err,
    "quarry: The application has 2 data sources; name one with --data-source: d1 (docs), d2 (wiki).\n",
  );
  assert.equal(
    (await sync({ sources }, "--data-source", "d3")).err,
    "quarry: The application has no data source d3; there are d1 (docs), d2 (wiki).\n",
  );
  assert.equal(
    (await sync({ sources: [] })).err,
    "quarry: The application a1 has no data source; make one first.\n",
  );
  const named = await sync({ sources, jobs: [done] }, "--application", "a9", "--data-source", "d2");
  assert.equal(named.code, 0);
  assert.ok(named.targets.includes("POST /applications/a9/indices/i1/datasources/d2/startsync"));
});

test("a listing is read to its last page, and never for ever", async () => {
  const pages = new Map([
    [undefined, { items: [1, 2], nextToken: "b" }],
    ["b", { items: undefined, nextToken: "c" }],
    ["c", { items: [3], nextToken: undefined }],
  ]);
  const read = async ({ nextToken }: { readonly nextToken?: string }) => pages.get(nextToken)!;
  assert.deepEqual(await collect(allPages(read)), [1, 2, 3]);
  await assert.rejects(
    collect(allPages(async () => ({ items: [1], nextToken: "same" }))),
    /repeats a page/,
  );
});
