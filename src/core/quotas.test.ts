import assert from "node:assert/strict";
import { test } from "node:test";
import { publishedQuotas, quotaNames, quotasWith } from "./quotas.ts";

test("without changes the published figures hold", () => {
  assert.deepEqual(quotasWith({}), publishedQuotas);
});

test("a change counts for the quota of its name alone, of IAM or not", () => {
  const quotas = quotasWith({ documentsPerUnit: 5, "iam.rolesPerAccount": 7 });
  assert.equal(quotas.documentsPerUnit, 5);
  assert.equal(quotas.iam.rolesPerAccount, 7);
  const { iam, ...own } = quotas;
  const { iam: publishedIam, ...publishedOwn } = publishedQuotas;
  assert.deepEqual({ ...own, documentsPerUnit: publishedOwn.documentsPerUnit }, publishedOwn);
  assert.deepEqual({ ...iam, rolesPerAccount: publishedIam.rolesPerAccount }, publishedIam);
});

test("every quota has a name, and names that are none change nothing", () => {
  const count = Object.keys(publishedQuotas).length - 1 + Object.keys(publishedQuotas.iam).length;
  assert.equal(quotaNames.length, count);
  for (const name of quotaNames) assert.notDeepEqual(quotasWith({ [name]: -1 }), publishedQuotas);
  for (const name of ["iam", "__proto__", "rolesPerAccount", ""]) {
    assert.deepEqual(quotasWith({ [name]: -1 }), publishedQuotas, name);
  }
});
