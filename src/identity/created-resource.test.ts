import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { qbusinessActions } from "../iam/iam.ts";
import { type IamEntity, iamStore, openDatabase } from "../store/store.ts";
import { type AccessVerdict, createIdentity, newKeyId, roleCaller } from "./identity.ts";

const accountId = "123456789012";
const base = `arn:aws:qbusiness:us-east-1:${accountId}:application`;
const tags = [{ key: "team", value: "docs" }];
const ids = { applicationId: "a1", indexId: "i1" };

type Ask = (
  operation: string,
  input: Readonly<Record<string, unknown>>,
  statements: readonly object[],
) => Promise<AccessVerdict>;

/** Asks as a role that has just these statements. */
async function asRole(): Promise<AsyncDisposable & { readonly ask: Ask }> {
  const directory = await mkdtemp(join(tmpdir(), "quarry-tags-"));
  const db = await openDatabase(join(directory, "quarry.db"));
  const root = { accessKeyId: "AKIAROOT", secretAccessKey: "secret" };
  const identity = createIdentity({ db, accountId, root, sealingKey: Buffer.alloc(32, 1) });
  const createdAt = new Date(1_700_000_000_000);
  const arn = `arn:aws:iam::${accountId}:role/R`;
  const named = { id: newKeyId("AROA"), accountId, kind: "role", name: "R", path: "/" } as const;
  const role: IamEntity = { ...named, arn, trustPolicy: "", record: {}, createdAt };
  await db.write((trx) => iamStore.insertEntity(trx, role));
  const facts = { now: createdAt, region: "us-east-1", isSecure: true, sourceIp: "192.0.2.1" };
  return {
    ask: async (operation, input, statements) => {
      const Statement = statements.map((one) => ({ Effect: "Allow", Resource: "*", ...one }));
      const document = JSON.stringify({ Version: "2012-10-17", Statement });
      await db.write((trx) => iamStore.putPolicy(trx, role.id, { name: "p", document }));
      identity.invalidate();
      return identity.authorizeOperation(roleCaller(role, "s"), { operation, input, facts });
    },
    async [Symbol.asyncDispose]() {
      await db[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** What each operation creates, and on what it must itself be allowed. */
const rows: readonly (readonly [string, string, string])[] = [
  ["CreateApplication", "*", `${base}/*`],
  ["CreateIndex", `${base}/a1`, `${base}/a1/index/*`],
  ["CreateDataSource", `${base}/a1/index/i1`, `${base}/a1/index/i1/data-source/*`],
  ["CreateRetriever", `${base}/a1`, `${base}/a1/retriever/*`],
  ["CreateWebExperience", `${base}/a1`, `${base}/a1/web-experience/*`],
  ["CreatePlugin", `${base}/a1`, `${base}/a1/plugin/*`],
  ["CreateDataAccessor", `${base}/a1`, `${base}/a1/data-accessor/*`],
  ["CreateChatResponseConfiguration", `${base}/a1`, `${base}/a1/chat-response-configuration/*`],
];

test("creating with tags needs TagResource on what is created, and each part of it", async () => {
  await using role = await asRole();
  const needing = [...qbusinessActions.values()].filter(
    ({ dependentActions, hasOperation }) =>
      hasOperation && dependentActions.includes("qbusiness:TagResource"),
  );
  assert.deepEqual(
    needing.map(({ name }) => name).toSorted(),
    rows.map(([name]) => name).toSorted(),
  );
  for (const [operation, on, created] of rows) {
    const create = { Action: `qbusiness:${operation}`, Resource: on };
    const tag = { Action: "qbusiness:TagResource", Resource: created };
    const decide = (
      statements: readonly object[],
      input: object = { tags },
    ): Promise<AccessVerdict> => role.ask(operation, { ...ids, ...input }, statements);
    assert.ok((await decide([create, tag])).isAllowed, operation);
    // Without tags there is nothing to ask for.
    assert.ok((await decide([create], {})).isAllowed, operation);
    assert.ok((await decide([create], { tags: [] })).isAllowed, operation);
    assert.ok(!(await decide([tag])).isAllowed, operation);
    const refused = await decide([create]);
    assert.ok(!refused.isAllowed);
    assert.equal(refused.action, "qbusiness:TagResource");
    assert.match(refused.message, /because no identity-based policy allows the qbusiness:TagRes/);
    assert.ok(refused.message.includes(`on resource: ${created} `), refused.message);
    const elsewhere = { ...tag, Resource: created.replace(/\*$/, "other") };
    assert.ok(!(await decide([create, elsewhere])).isAllowed, operation);
    const denied = { Effect: "Deny", Action: "qbusiness:TagResource" };
    assert.ok(!(await decide([create, tag, denied])).isAllowed, operation);
  }
});

test("the tags of the request are there for TagResource too, as wanted and as of the new resource", async () => {
  await using role = await asRole();
  const create = { Action: "qbusiness:CreateIndex", Resource: `${base}/a1` };
  const keys = ["aws:RequestTag/team", "aws:ResourceTag/team"];
  for (const key of keys) {
    const tagging = (value: string): object => ({
      Action: "qbusiness:TagResource",
      Condition: { StringEquals: { [key]: value } },
    });
    const decide = async (value: string): Promise<boolean> =>
      (await role.ask("CreateIndex", { ...ids, tags }, [create, tagging(value)])).isAllowed;
    assert.ok(await decide("docs"), key);
    assert.ok(!(await decide("other")), key);
  }
  const only = {
    Action: "qbusiness:TagResource",
    Condition: {
      "ForAllValues:StringEquals": { "aws:TagKeys": ["team"] },
      Null: { "aws:TagKeys": "false" },
    },
  };
  const two = [...tags, { key: "more", value: "" }];
  assert.ok((await role.ask("CreateIndex", { ...ids, tags }, [create, only])).isAllowed);
  assert.ok(!(await role.ask("CreateIndex", { ...ids, tags: two }, [create, only])).isAllowed);
});

test("a Deny on the application reaches the tagging of what is created below it", async () => {
  await using role = await asRole();
  const all = { Action: "qbusiness:*" };
  const deny = { Effect: "Deny", Action: "qbusiness:TagResource", Resource: `${base}/a1` };
  const refused = await role.ask("CreateIndex", { ...ids, tags }, [all, deny]);
  assert.ok(!refused.isAllowed);
  assert.equal(refused.decision.decision, "explicitDeny");
});
