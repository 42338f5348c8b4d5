import assert from "node:assert/strict";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { after, before, beforeEach, describe, test } from "node:test";
import {
  BatchPutDocumentCommand,
  type DocumentEnrichmentConfiguration,
  type HookConfiguration,
  SearchRelevantContentCommand,
  UpdateDataSourceCommand,
} from "@aws-sdk/client-qbusiness";
import { setTimeout as sleep } from "node:timers/promises";
import { refusal } from "../support/clients.ts";
import {
  accountId,
  counts,
  listDocuments,
  makeRole,
  pathOf,
  putRolePolicy,
  region,
  search,
  settled,
  type Site,
  sync,
} from "../support/site.ts";
import { openWorld, type World } from "../support/world.ts";

const arnOf = (name: string) => `arn:aws:lambda:${region}:${accountId}:function:${name}`;
const enrichArn = arnOf("enrich");
const invoke = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "lambda:InvokeFunction", Resource: enrichArn }],
};
const trust = {
  Version: "2012-10-17",
  Statement: [
    {
      Effect: "Allow",
      Principal: { Service: "qbusiness.amazonaws.com" },
      Action: "sts:AssumeRole",
      Condition: { StringEquals: { "aws:SourceAccount": accountId } },
    },
  ],
};

type Seen = { readonly headers: IncomingHttpHeaders; readonly body: Record<string, unknown> };
type Answer = { readonly status?: number; readonly headers?: object; readonly body?: unknown };

/** A function on loopback that answers what a test says. */
async function startFunction() {
  const seen: Seen[] = [];
  const state = { answer: (): Answer | Promise<Answer> => ({}) };
  const server = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on("data", (piece: Buffer) => pieces.push(piece));
    request.on("end", async () => {
      const body = JSON.parse(Buffer.concat(pieces).toString()) as Record<string, unknown>;
      seen.push({ headers: request.headers, body });
      const { status = 200, headers = {}, body: answer = { version: "v0" } } = await state.answer();
      response.writeHead(status, { ...headers });
      response.end(typeof answer === "string" ? answer : JSON.stringify(answer));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}/enrich?stage=test`,
    seen,
    answers: (answer: typeof state.answer) => (state.answer = answer),
    close: () => server.close(),
  };
}

describe("functions that enrich documents", () => {
  let world: World;
  let enrich: Awaited<ReturnType<typeof startFunction>>;
  let count = 0;
  before(async () => {
    enrich = await startFunction();
    const closed = "http://127.0.0.1:1/";
    world = await openWorld(3, { hooks: { [enrichArn]: enrich.url, [arnOf("closed")]: closed } });
  });
  after(async () => {
    await world.close();
    enrich.close();
  });
  beforeEach(() => {
    enrich.seen.length = 0;
    enrich.answers(() => ({}));
  });

  /** A hook with a role of its own, which may invoke the function. */
  async function hook(site: Site, policy: object = invoke): Promise<HookConfiguration> {
    count += 1;
    const roleArn = await makeRole(site.iam, `hook-${count}`, { trust, policy });
    return { lambdaArn: enrichArn, roleArn };
  }

  async function put(
    site: Site,
    enrichment: DocumentEnrichmentConfiguration,
    text = "The harbour.",
  ) {
    const { applicationId, indexId } = site;
    const document = {
      id: "a.txt",
      content: { blob: Buffer.from(text) },
      documentEnrichmentConfiguration: enrichment,
    };
    await site.client.send(
      new BatchPutDocumentCommand({ applicationId, indexId, documents: [document] }),
    );
    return (await settled(site)).get("a.txt");
  }

  async function found(site: Site, queryText: string) {
    const { relevantContent = [] } = await site.client.send(
      new SearchRelevantContentCommand({
        applicationId: site.applicationId,
        queryText,
        contentSource: { retriever: { retrieverId: site.retrieverId } },
      }),
    );
    return relevantContent[0];
  }

  const base64 = (text: string) => Buffer.from(text).toString("base64");

  test("get the file with its attributes, signed, and may change both", async () => {
    const site = await world.site();
    enrich.answers(() => ({
      body: {
        version: "v0",
        dataBlobStringEncodedInBase64: base64("The lighthouse."),
        metadataUpdates: [{ name: "_category", value: { stringValue: "enriched" } }],
      },
    }));
    const inlineConfigurations = [{ target: { key: "_version", value: { stringValue: "7" } } }];
    const preExtractionHookConfiguration = await hook(site);
    const document = await put(site, { inlineConfigurations, preExtractionHookConfiguration });
    assert.equal(document?.status, "INDEXED", document?.error?.errorMessage);
    assert.equal(await found(site, "harbour"), undefined);
    const passage = await found(site, "lighthouse");
    assert.equal(passage?.content, "The lighthouse.");
    const names = passage?.documentAttributes?.map(({ name }) => name);
    const expected = ["_category", "_document_title", "_language_code", "_version"];
    assert.deepEqual(names?.sort(), expected);

    assert.equal(enrich.seen.length, 1);
    const [{ headers, body } = assert.fail("no call")] = enrich.seen;
    assert.deepEqual(body, {
      version: "v0",
      dataBlobStringEncodedInBase64: base64("The harbour."),
      metadata: {
        attributes: [
          { name: "_document_title", value: { stringValue: "a.txt" } },
          { name: "_language_code", value: { stringValue: "en" } },
          { name: "_version", value: { stringValue: "7" } },
        ],
      },
    });
    assert.equal(headers["content-type"], "application/json");
    assert.match(
      String(headers["authorization"]),
      /^AWS4-HMAC-SHA256 Credential=ASIA[A-Z2-7]{16}\/\d{8}\/us-east-1\/lambda\/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=[0-9a-f]{64}$/,
    );
    assert.ok(headers["x-amz-security-token"]);
  });

  test("are waited for while the document is listed as PROCESSING", async () => {
    const site = await world.site();
    const asked = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<Answer>();
    enrich.answers(() => {
      asked.resolve();
      return gate.promise;
    });
    const putting = put(site, { preExtractionHookConfiguration: await hook(site) });
    await asked.promise;
    assert.equal((await listDocuments(site)).get("a.txt")?.status, "PROCESSING");
    gate.resolve({});
    assert.equal((await putting)?.status, "INDEXED");
  });

  test("that take their time hold up no documents but those that they are called for", async () => {
    const site = await world.site();
    const { applicationId, indexId } = site;
    const gate = Promise.withResolvers<Answer>();
    enrich.answers(() => gate.promise);
    const documentEnrichmentConfiguration = { preExtractionHookConfiguration: await hook(site) };
    const content = { blob: Buffer.from("The harbour.") };
    const slow = Array.from({ length: 10 }, (_, n) => ({ id: `slow-${n}`, content }));
    for (const documents of [
      slow.map((document) => ({ ...document, documentEnrichmentConfiguration })),
      [{ id: "plain", content }],
    ]) {
      await site.client.send(new BatchPutDocumentCommand({ applicationId, indexId, documents }));
    }
    const statusOf = async (id: string) => (await listDocuments(site)).get(id)?.status;
    for (const until = Date.now() + 10_000; Date.now() < until; await sleep(20)) {
      if ((await statusOf("plain")) === "INDEXED") break;
    }
    assert.equal(await statusOf("plain"), "INDEXED");
    assert.notEqual(await statusOf("slow-0"), "INDEXED");
    gate.resolve({});
    const all = [...(await settled(site)).values()];
    assert.ok(all.every(({ status }) => status === "INDEXED"));
  });

  test("get the text after extraction, and may change it", async () => {
    const site = await world.site();
    const text = { textContent: { documentBodyText: "The lighthouse." } };
    enrich.answers(() => ({
      body: { version: "v0", dataBlobStringEncodedInBase64: base64(JSON.stringify(text)) },
    }));
    const postExtractionHookConfiguration = await hook(site);
    assert.equal((await put(site, { postExtractionHookConfiguration }))?.status, "INDEXED");
    const sent = String(enrich.seen[0]?.body["dataBlobStringEncodedInBase64"]);
    assert.deepEqual(JSON.parse(Buffer.from(sent, "base64").toString()), {
      textContent: { documentBodyText: "The harbour." },
    });
    assert.equal((await found(site, "lighthouse"))?.content, "The lighthouse.");
    assert.equal(await found(site, "harbour"), undefined);
  });

  test("exchange content by a bucket where one is named, as the hook's role", async () => {
    const source = await world.source({});
    const { name: s3BucketName, folder } = source.files;
    const allow = (...actions: readonly string[]) => ({
      Version: "2012-10-17",
      Statement: [
        ...invoke.Statement,
        { Effect: "Allow", Action: actions, Resource: `arn:aws:s3:::${s3BucketName}/*` },
      ],
    });
    const whole = allow("s3:PutObject", "s3:GetObject", "s3:DeleteObject");
    const hooked = { ...(await hook(source, whole)), s3BucketName };
    const handed: string[] = [];
    enrich.answers(() => {
      const { s3Bucket, s3ObjectKey, ...rest } = enrich.seen.at(-1)?.body ?? {};
      assert.equal(s3Bucket, s3BucketName);
      assert.equal("dataBlobStringEncodedInBase64" in rest, false);
      const given = readFileSync(join(folder, String(s3ObjectKey)), "utf8");
      handed.push(given);
      const text = handed.length === 1 ? given.replace("harbour", "heron") : given;
      writeFileSync(join(folder, "answer"), text.replace("The heron", "The grey heron"));
      return { body: { version: "v0", s3ObjectKey: "answer" } };
    });
    const both = {
      preExtractionHookConfiguration: hooked,
      postExtractionHookConfiguration: hooked,
    };
    assert.equal((await put(source, both))?.status, "INDEXED");
    assert.equal(handed[0], "The harbour.");
    assert.deepEqual(JSON.parse(handed[1] ?? ""), {
      textContent: { documentBodyText: "The grey heron." },
    });
    assert.match(
      (await found(source, "heron"))?.content ?? "",
      /The grey grey heron|The grey heron/,
    );
    const left = readdirSync(join(folder, "quarry-enrichment"));
    assert.deepEqual(left, [], "what was handed over is removed");

    const reasonFor = async (policy: object, answer: object = {}) => {
      enrich.answers(() => ({ body: { version: "v0", ...answer } }));
      const other = { ...(await hook(source, policy)), s3BucketName };
      const failed = await put(source, { preExtractionHookConfiguration: other });
      assert.equal(failed?.status, "DOCUMENT_FAILED_TO_INDEX");
      return failed?.error?.errorMessage ?? "";
    };
    assert.match(await reasonFor(invoke), /not authorized to perform: s3:PutObject/);
    const answer = { s3ObjectKey: "answer" };
    assert.match(
      await reasonFor(allow("s3:PutObject"), answer),
      /not authorized to perform: s3:GetObject/,
    );
    assert.match(await reasonFor(whole, { s3ObjectKey: "none" }), /none/);
    assert.match(await reasonFor(whole, { s3ObjectKey: "../../etc/passwd" }), /passwd/);
    assert.match(await reasonFor(whole, { s3ObjectKey: 5 }), /is no key/);
  });

  test("are called only where their condition holds, and never without content", async () => {
    const site = await world.site();
    const preExtractionHookConfiguration = {
      ...(await hook(site)),
      invocationCondition: { key: "_category", operator: "EXISTS" as const },
    };
    assert.equal((await put(site, { preExtractionHookConfiguration }))?.status, "INDEXED");
    assert.equal(enrich.seen.length, 0);
    const target = { key: "_category", value: { stringValue: "x" } };
    const enrichment = { inlineConfigurations: [{ target }], preExtractionHookConfiguration };
    assert.equal((await put(site, enrichment))?.status, "UPDATED");
    assert.equal(enrich.seen.length, 1, "what an inline operation set, the condition sees");
    const dropped = { target, documentContentOperator: "DELETE" as const };
    await put(site, { ...enrichment, inlineConfigurations: [dropped] });
    assert.equal(enrich.seen.length, 1);
    assert.equal(await found(site, "harbour"), undefined);
  });

  test("that fail make the document fail, with the reason, and the old version answers", async () => {
    const site = await world.site();
    const hooked = await hook(site);
    assert.equal((await put(site, {}))?.status, "INDEXED");
    const post = { version: "v0", dataBlobStringEncodedInBase64: base64("no JSON") };
    const cases: readonly (readonly [Answer, RegExp])[] = [
      [{ status: 500 }, /function:enrich answered with HTTP status 500/],
      [{ status: 302, headers: { location: "/other" } }, /HTTP status 302/],
      [{ headers: { "x-amz-function-error": "Unhandled" } }, /reported an error/],
      [{ body: "no JSON" }, /JSON object/],
      [{ body: { version: "v0", metadataUpdates: [{ name: "city" }] } }, /"city"/],
      [{ body: "x".repeat(17 * 1024 * 1024) }, /more than 16777216 bytes/],
    ];
    for (const [answer, reason] of cases) {
      enrich.answers(() => answer);
      const failed = await put(site, { preExtractionHookConfiguration: hooked });
      assert.equal(failed?.status, "DOCUMENT_FAILED_TO_INDEX");
      assert.equal(failed?.error?.errorCode, "InvalidRequest");
      assert.match(failed?.error?.errorMessage ?? "", reason);
    }
    enrich.answers(() => ({ body: post }));
    const failed = await put(site, { postExtractionHookConfiguration: hooked });
    assert.match(failed?.error?.errorMessage ?? "", /holds no text/);
    assert.deepEqual(await search(site, "harbour"), ["a.txt"]);
    const metrics = await (await fetch(`${world.server.url}/metrics`)).text();
    const [, byEnrichment] =
      /^quarry_documents_failed_to_index_due_to_cde (\d+)$/m.exec(metrics) ?? [];
    assert.ok(Number(byEnrichment) >= cases.length + 1, metrics);
  });

  test("are not called where the operator, the role or the size forbids it", async () => {
    const site = await world.site();
    const hooked = await hook(site);
    const refusedFor = async (changes: HookConfiguration, text?: string) => {
      const preExtractionHookConfiguration = { ...hooked, ...changes };
      const failed = await put(site, { preExtractionHookConfiguration }, text);
      assert.equal(failed?.status, "DOCUMENT_FAILED_TO_INDEX");
      return failed?.error?.errorMessage ?? "";
    };
    assert.match(await refusedFor({ lambdaArn: arnOf("other") }), /other has no address here/);
    const { roleArn } = await hook(site, {
      ...invoke,
      Statement: [{ ...invoke.Statement[0], Resource: arnOf("x") }],
    });
    assert.match(await refusedFor({ roleArn }), /not authorized to perform: lambda:InvokeFunction/);
    assert.match(await refusedFor({}, "x ".repeat(5_000_001)), /at most 10000000 bytes/);
    assert.equal(enrich.seen.length, 0);
    const all = { ...invoke, Statement: [{ ...invoke.Statement[0], Resource: "*" }] };
    const open = await hook(site, all);
    assert.match(await refusedFor({ ...open, lambdaArn: arnOf("closed") }), /could not be called/);
  });

  test("that failed during a sync are asked again by the next one", async () => {
    const source = await world.source({ "a.txt": "The harbour." });
    const preExtractionHookConfiguration = await hook(source);
    await source.client.send(
      new UpdateDataSourceCommand({
        ...pathOf(source),
        documentEnrichmentConfiguration: { preExtractionHookConfiguration },
      }),
    );
    enrich.answers(() => ({ status: 503 }));
    assert.equal(counts(await sync(source)), "1 0 0 0 1");
    enrich.answers(() => ({}));
    assert.equal(counts(await sync(source)), "1 1 0 0 0");
    assert.deepEqual(await search(source, "harbour"), [`s3://${source.bucket}/a.txt`]);
    assert.equal(enrich.seen.length, 2);
    assert.equal(counts(await sync(source)), "1 0 0 0 0");
    assert.equal(enrich.seen.length, 2, "an unchanged document is not enriched again");
  });

  test("are refused without a function or a role", async () => {
    const site = await world.site();
    const { roleArn } = await hook(site);
    const refused = await refusal(put(site, { preExtractionHookConfiguration: { roleArn } }));
    assert.equal(refused.name, "ValidationException");
    assert.match(refused.message, /preExtractionHookConfiguration\.lambdaArn/);
    const missing = { postExtractionHookConfiguration: { lambdaArn: enrichArn } };
    assert.match((await refusal(put(site, missing))).message, /postExtractionHook.*roleArn/);
  });

  test("stop being called when their role loses the right", async () => {
    const site = await world.site();
    const preExtractionHookConfiguration = await hook(site);
    assert.equal((await put(site, { preExtractionHookConfiguration }))?.status, "INDEXED");
    await putRolePolicy(site.iam, `hook-${count}`, {
      Version: "2012-10-17",
      Statement: [{ Effect: "Deny", Action: "lambda:*", Resource: "*" }],
    });
    const failed = await put(site, { preExtractionHookConfiguration });
    assert.match(failed?.error?.errorMessage ?? "", /explicit deny/);
    assert.equal(enrich.seen.length, 1);
  });
});
