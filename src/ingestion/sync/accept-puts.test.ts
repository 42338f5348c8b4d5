import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { PutItem, ResolvedAccess } from "../../connectors/connectors.ts";
import { plainCipher } from "../../core/content-cipher.ts";
import { testCollection, type TestCollection } from "../../search/testing/collection.ts";
import { classOfRule } from "../access/rules.ts";
import { openRuledSource } from "../access/testing/ruled-source.ts";
import { isRead } from "../pipeline.ts";
import { type AcceptedPut, acceptPuts } from "./accept-puts.ts";
import type { SyncRun } from "./run.ts";

let shared: TestCollection;
before(async () => {
  shared = await testCollection();
});
after(() => shared[Symbol.asyncDispose]());

const nobody = { accessControls: [], memberRelation: "OR" } as const;
const unlisted: ResolvedAccess = { kind: "public", because: "unlisted" };
const ofRule = (prefix: string): ResolvedAccess => {
  return { kind: "restricted", because: "aclFile", prefix, accessConfiguration: nobody };
};
const ofMetadata = (name: string): ResolvedAccess => {
  const principal = { user: { id: name, access: "ALLOW", membershipType: "DATASOURCE" } } as const;
  const accessControls = [{ principals: [principal], memberRelation: "OR" }] as const;
  const accessConfiguration = { accessControls, memberRelation: "OR" } as const;
  return { kind: "restricted", because: "metadata", accessConfiguration };
};

const refused = { kind: "refused", message: "It is full." } as const;
const failedBy = (kind: "noSuchKey" | "denied"): AcceptedPut["result"] => {
  const failure = { kind, bucket: "kb", message: "It says no." };
  return { kind: "failed", failure, code: "S3-5200", outcome: "unfinished" };
};

function putOf(
  key: string,
  access: ResolvedAccess,
  result: AcceptedPut["result"] = refused,
): AcceptedPut {
  const document = { documentId: key, title: key, attributes: [], contentType: "HTML" };
  return { item: { key, document, access } as unknown as PutItem, result };
}

async function openRun() {
  const source = await openRuledSource(shared);
  const { indexId, scope } = source;
  const { dataSourceId, bucket } = scope;
  const job = { applicationId: "application", dataSourceId };
  // What accepting asks for of a run, and no more.
  const run = { job, index: { id: indexId }, settings: { bucket }, cipher: plainCipher };
  const services = { now: () => new Date(5) };
  return {
    ...source,
    accept: (puts: readonly AcceptedPut[]) =>
      shared.db.write((trx) => acceptPuts(services, run as unknown as SyncRun, trx, puts)),
    classOf: (prefix: string | undefined) =>
      shared.db.write((trx) => classOfRule(trx, scope, prefix)),
  };
}

test("each document of a batch follows its own rule, or has its own list", async () => {
  const { accept, close, classOf } = await openRun();
  await close({ "hr/": ["ada"], "hr/pay/": ["bob"] });
  const [hr, pay, others] = [
    await classOf("hr/"),
    await classOf("hr/pay/"),
    await classOf(undefined),
  ];
  const outcomes = await accept([
    putOf("hr/1", ofRule("hr/")),
    putOf("hr/2", ofMetadata("eve@x.com")),
    putOf("hr/3", ofMetadata("mia@x.com")),
    putOf("hr/4", ofMetadata("eve@x.com")),
    putOf("hr/pay/1", ofRule("hr/pay/")),
    putOf("hr/pay/2", ofRule("hr/pay/")),
    putOf("open/1", unlisted),
    putOf("hr/5", ofRule("hr/")),
    putOf("open/2", unlisted),
  ]);
  const classes = outcomes.map(({ document }) => document.aclClass);
  const [, eve = 0, mia = 0] = classes;
  assert.deepEqual(classes, [hr, eve, mia, eve, pay, pay, others, hr, others]);
  assert.equal(new Set([hr, pay, others, eve, mia]).size, 5);
  assert.deepEqual(
    outcomes.map(({ document }) => document.documentId),
    ["hr/1", "hr/2", "hr/3", "hr/4", "hr/pay/1", "hr/pay/2", "open/1", "hr/5", "open/2"],
  );
});

test("a document whose object could not be had fails with the reason, by its kind", async () => {
  const { accept } = await openRun();
  const own = ofMetadata("eve@x.com");
  const outcomes = await accept([
    putOf("gone", own, failedBy("noSuchKey")),
    putOf("denied", own, failedBy("denied")),
    putOf("over", own, refused),
  ]);
  const told = outcomes.map((outcome) =>
    isRead(outcome) ? "read" : `${outcome.status} ${outcome.errorCode}: ${outcome.errorMessage}`,
  );
  assert.deepEqual(told, [
    "FAILED ResourceNotFound: S3-5200: It says no.",
    "FAILED InvalidRequest: S3-5200: It says no.",
    "DOCUMENT_FAILED_TO_INDEX InvalidRequest: It is full.",
  ]);
  assert.equal(outcomes[0]?.document.contentType, "HTML");
});
