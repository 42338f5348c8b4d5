import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { systemIds } from "../../src/core/ids.ts";
import { roleCaller } from "../../src/identity/identity.ts";
import {
  type QueryCall,
  queryOperations,
  queryQuestions,
  runQuery,
} from "../../src/operations/query-operations.ts";
import { iamStore } from "../../src/store/store.ts";
import { decodeQueryRequest, encodeQueryAnswer, QueryError } from "../../src/wire/wire.ts";
import { randomForm } from "./query-forms.ts";
import { accountId, rootKey, startQueryServer } from "./query-server.ts";
import { randomFrom } from "./query-values.ts";

test("random calls in any order are answered or refused, and leave nothing half done", async (t) => {
  const { seed = 1 } = fc.readConfigureGlobal();
  t.diagnostic(`seed ${seed}`);
  const random = randomFrom(seed);
  await using server = await startQueryServer();
  const { db, identity } = server;
  const key = await identity.findKey({ accessKeyId: rootKey.accessKeyId, sessionToken: undefined });
  assert.ok(key !== undefined);
  const actions = (["iam", "sts"] as const).flatMap((service) =>
    Object.keys(queryOperations[service]).map((action) => ({ service, action })),
  );
  const seen = new Map<string, number>();
  const now = new Date();
  const facts = { now, region: "us-east-1", isSecure: true, sourceIp: "192.0.2.1" };
  for (let run = 0; run < 1500; run += 1) {
    const { service, action } = actions[random(actions.length)] ?? assert.fail();
    const role = await iamStore.findEntity(db.read, { accountId, kind: "role", name: "R" });
    // Mostly the root user, sometimes a session of the role that earlier calls made.
    const isRole = role !== undefined && random(4) === 0;
    const caller = isRole ? roleCaller(role, "session") : key.caller;
    const call: QueryCall = {
      db,
      identity,
      ids: systemIds,
      quotas: server.quotas,
      caller,
      now,
      facts,
      pageTokenKey: Buffer.alloc(32),
    };
    let outcome = "answered";
    try {
      const query = randomForm(service, action, random);
      const request = decodeQueryRequest(service, { query, body: Buffer.of() });
      // Decided and then run all the same: what is behind the decision is looked at here.
      for (const question of await queryQuestions(request, call)) {
        await identity.authorize(call.caller, question);
      }
      const output = await runQuery(request, call);
      assert.equal(encodeQueryAnswer(request, output, "request-1").status, 200);
    } catch (error) {
      if (!(error instanceof QueryError)) {
        throw new Error(`call ${run} of seed ${seed}, ${action}`, { cause: error });
      }
      assert.ok(error.status < 500, `${action}: ${error.code}`);
      outcome = error.code;
    }
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  for (const code of [
    "answered",
    "NoSuchEntity",
    "MalformedPolicyDocument",
    "EntityAlreadyExists",
  ]) {
    assert.ok((seen.get(code) ?? 0) > 10, JSON.stringify([...seen]));
  }
  const kinds = ["iam_inline_policy", "iam_attachment"] as const;
  for (const table of kinds) {
    const orphans = await db.read
      .selectFrom(table)
      .select("entity_id")
      .where("entity_id", "not in", (eb) => eb.selectFrom("iam_entity").select("id"))
      .execute();
    assert.deepEqual(orphans, [], table);
  }
});
