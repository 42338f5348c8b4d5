import assert from "node:assert/strict";
import { test } from "node:test";
import { policyFolder } from "../testing/policy-console.ts";

const id = "3f0c1d2e-0000-4000-8000-000000000001";
const denied = {
  time: "2026-01-02T03:04:05.000Z",
  level: "info",
  event: "access.denied",
  requestId: id,
  caller: "arn:aws:iam::111122223333:user/alice",
  action: "qbusiness:ChatSync",
  resource: "arn:aws:qbusiness:us-east-1:111122223333:application/a",
  decision: "implicitDeny",
  policyType: "identity",
  reason: "User: alice is not authorized",
  statements: "",
  changes: "Name the resource.\nAllow it.",
};
const request = { event: "request", requestId: id, status: 403, error: "AccessDeniedException" };

function logOf(...lines: readonly (object | string)[]): string {
  return lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n");
}

test("a denial in the log is told with its reason and what would have to change", async () => {
  await using folder = await policyFolder();
  const other = { ...denied, requestId: "other" };
  await folder.put("quarry.log", logOf("Quarry is ready", other, denied, request, "{broken"));
  const { code, out, err } = await folder.run(["explain", id, "--log", "quarry.log"]);
  assert.deepEqual([code, err], [0, ""]);
  assert.equal(
    out,
    [
      "denied   qbusiness:ChatSync on arn:aws:qbusiness:us-east-1:111122223333:application/a",
      "  caller arn:aws:iam::111122223333:user/alice, 2026-01-02T03:04:05.000Z",
      "  because nothing in the caller's own policies allows it",
      "  User: alice is not authorized",
      "  -> Name the resource.",
      "  -> Allow it.",
      "",
    ].join("\n"),
  );
});

test("an explicit denial names its statements", async () => {
  await using folder = await policyFolder();
  const explicit = {
    ...denied,
    decision: "explicitDeny",
    policyType: "boundary",
    statements: "Bound:12:4 NoChat",
  };
  const stdin = logOf(explicit);
  const { out } = await folder.run(["explain", id, "--log", "-"], { stdin });
  assert.match(out, /^ {2}by Bound:12:4 NoChat in the caller's permissions boundary$/m);
  const json = await folder.run(["explain", id, "--log", "-", "--json"], { stdin });
  const [first] = JSON.parse(json.out) as readonly Record<string, unknown>[];
  assert.deepEqual(first?.["statements"], ["Bound:12:4 NoChat"]);
  assert.deepEqual(first?.["changes"], ["Name the resource.", "Allow it."]);
});

test("a page's denied visit is told with its reason", async () => {
  await using folder = await policyFolder();
  const page = { event: "page.denied", requestId: id, reason: "The web experience has no role." };
  const { code, out } = await folder.run(["explain", id, "--log", "-"], { stdin: logOf(page) });
  assert.deepEqual([code, out], [0, "  The web experience has no role.\n"]);
});

test("a request that is not there, or that no policy denied, is one line and exit code 1", async () => {
  await using folder = await policyFolder();
  const expired = { ...request, error: "ExpiredTokenException" };
  const rows: readonly (readonly [string, string])[] = [
    ["", `"-" has no request "${id}"; was it another server, or has the log been cut?`],
    [logOf({ ...denied, requestId: `${id}2`, note: id }), `"-" has no request "${id}"; was`],
    [logOf(expired), `No policy denied the request "${id}". It ended with 403 ExpiredToken`],
    [logOf({ event: "request", requestId: id }), `No policy denied the request "${id}".`],
  ];
  for (const [stdin, line] of rows) {
    const { code, out, err } = await folder.run(["explain", id, "--log", "-"], { stdin });
    assert.deepEqual([code, out], [1, ""]);
    assert.ok(err.startsWith(`quarry: ${line}`), err);
  }
  for (const argv of [[id], ["--log", "-"], [id, "--log", "nowhere.log"], [id, "--log", "."]]) {
    const { code, err } = await folder.run(["explain", ...argv]);
    assert.equal(code, 2, err);
    assert.equal(err.split("\n").length, 2);
  }
});

test("hostile and endless lines are passed over, and reach no terminal", async () => {
  await using folder = await policyFolder();
  const endless = `{"requestId":"${id}","event":"access.denied","x":"${"a".repeat(1_100_000)}"}`;
  const hostile = { ...denied, reason: "\u001b[2J", changes: "a\u0007b", __proto__: 1 };
  const { code, out } = await folder.run(["explain", id, "--log", "-"], {
    stdin: logOf(endless, "[]", "null", JSON.stringify(hostile)),
  });
  assert.equal(code, 0);
  assert.ok(!out.includes("\u001b") && !out.includes("\u0007"));
  assert.equal(out.match(/^denied/gm)?.length, 1);
});
