import assert from "node:assert/strict";
import { test } from "node:test";
import { CreateApplicationCommand } from "@aws-sdk/client-qbusiness";
import { qbusinessHttp1, refusal } from "../support/clients.ts";
import { testServer } from "../support/test-server.ts";

test("a quota that the operator sets counts instead of the published one", async () => {
  await using server = await testServer({ quotas: { applicationsPerAccount: 1 } });
  const client = qbusinessHttp1(server);
  const create = () =>
    client.send(new CreateApplicationCommand({ displayName: "a", identityType: "ANONYMOUS" }));
  await create();
  const { name, status } = await refusal(create());
  assert.deepEqual([name, status], ["ServiceQuotaExceededException", 402]);
});
