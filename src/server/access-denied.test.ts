import assert from "node:assert/strict";
import { test } from "node:test";
import { createLog } from "../core/log.ts";
import type { AccessRefusal, Caller } from "../identity/identity.ts";
import { recordDenial } from "./access-denied.ts";

const caller = {
  principal: {
    type: "user",
    arn: "arn:aws:iam::111122223333:user/alice",
    account: "111122223333",
    name: "alice",
  },
  accountId: "111122223333",
} as Caller;

const refusal: AccessRefusal = {
  isAllowed: false,
  decision: { decision: "implicitDeny", because: [], policyType: "identity", resource: "*" },
  message: "User: alice is not authorized",
  action: "qbusiness:ListApplications",
  changes: () => [],
};

function recorded(change: Partial<AccessRefusal>): Readonly<Record<string, unknown>> {
  const lines: string[] = [];
  const write = (line: string): void => void lines.push(line);
  const log = createLog({ write, min: "info", now: () => new Date(0) });
  recordDenial(log, { requestId: "r1", caller }, { ...refusal, ...change });
  assert.equal(lines.length, 1, "one line for one denial");
  return JSON.parse(lines[0] ?? "") as Record<string, unknown>;
}

test("a denial is one event with who, what, why and nothing else", () => {
  assert.deepEqual(recorded({}), {
    time: "1970-01-01T00:00:00.000Z",
    level: "info",
    event: "access.denied",
    requestId: "r1",
    caller: "arn:aws:iam::111122223333:user/alice",
    action: "qbusiness:ListApplications",
    resource: "*",
    decision: "implicitDeny",
    policyType: "identity",
    reason: "User: alice is not authorized",
    statements: "",
    changes: "",
  });
});

test("the deciding statements have their policy, line, column and name", () => {
  const place = { index: 0, line: 3, column: 4, endLine: 9, endColumn: 5 };
  const statement = { policy: "Own", sid: "Never", ...place };
  const { statements } = recorded({
    decision: {
      ...refusal.decision,
      decision: "explicitDeny",
      because: [
        { policyType: "identity", statement },
        { policyType: "identity", statement: { ...statement, sid: undefined } },
        { policyType: "grant", grantId: "g1" },
      ],
    },
  });
  assert.equal(statements, "Own:3:4 Never\nOwn:3:4\ngrant g1");
});

test("what would help is cut short, and what proves an outside party is left out", () => {
  const external = 'StringEquals sts:ExternalId wants "hush", the request has "guess"';
  const many = Array.from({ length: 9 }, (_, at) => `change ${at}`);
  const { changes } = recorded({ changes: () => [external, "x".repeat(9000), ...many] });
  const lines = String(changes).split("\n");
  assert.equal(lines.length, 5);
  assert.equal(lines[0], "x".repeat(500));
  assert.equal(lines[1], "change 0");
  assert.ok(!String(changes).includes("hush"));
});
