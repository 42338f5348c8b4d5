import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { hashBody } from "./body-hash.ts";
import { tokenMatcher } from "./checks.ts";
import { unsignedPayload, type HeaderList } from "./request.ts";
import { sign } from "./sign.ts";
import { caller, check, later, now, scope } from "./testing/requests.ts";

// Signatures of the shared caller at the shared moment, made once with botocore's signers.

type Answer = {
  readonly name: string;
  readonly service: string;
  readonly method: string;
  readonly target: string;
  readonly headers: HeaderList;
  readonly body: string;
  readonly sessionToken?: string;
  /** Signed in the header. */
  readonly signature?: string;
  /** Signed in the query: the target to send. */
  readonly presigned?: string;
};

const file = new URL("testing/known-answers.json", import.meta.url);
const answers = JSON.parse(readFileSync(file, "utf8")) as readonly Answer[];

test("the known answers have been seen", () => assert.equal(answers.length, 10));

for (const one of answers) {
  const { name, service, method, headers, sessionToken } = one;
  const bodyHash = hashBody(one.body);
  const session =
    sessionToken === undefined
      ? {}
      : { session: { isToken: tokenMatcher(sessionToken), expiresAt: later(60) } };
  const owner = { secretAccessKey: caller.secretAccessKey, ...session };

  if (one.signature !== undefined) {
    test(`${name}: the signature is the known one, and is verified`, () => {
      const wire = { method, rawTarget: one.target, headers };
      const credentials = sessionToken === undefined ? caller : { ...caller, sessionToken };
      const signed = sign(wire, credentials, { ...scope, service, now, bodyHash });
      assert.equal(signed.signature, one.signature);
      assert.ok(check({ ...wire, headers: signed.headers }, { owner, bodyHash }).ok);
    });
    continue;
  }
  test(`${name}: the known target is verified, and no other`, () => {
    const rawTarget = one.presigned ?? "";
    const body = service === "s3" ? unsignedPayload : bodyHash;
    assert.ok(check({ method, rawTarget, headers }, { owner, bodyHash: body }).ok);
    const longer = rawTarget.replace(/(X-Amz-Expires=6)/, "$11");
    assert.notEqual(longer, rawTarget);
    assert.ok(!check({ method, rawTarget: longer, headers }, { owner, bodyHash: body }).ok);
  });
}
