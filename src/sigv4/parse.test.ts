import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseAuthentication } from "./parse.ts";
import type { WireRequest } from "./request.ts";
import * as shared from "./testing/requests.ts";

const { editHeader, presignedGet, signedGet, withHeader } = shared;

/** Reason and message with which the form of a request is refused. */
function refusalOf(request: WireRequest): readonly [reason: string, message: string] {
  const parsed = parseAuthentication(request);
  return parsed.ok ? ["", "accepted"] : [parsed.refusal.reason, parsed.refusal.message];
}

const authorized = (edit: (value: string) => string): WireRequest =>
  editHeader(signedGet(), "authorization", edit);
const queried = (from: string | RegExp, to: string): WireRequest => {
  const request = presignedGet();
  return { ...request, rawTarget: request.rawTarget.replace(from, to) };
};

test("both forms read the same credential", () => {
  for (const request of [signedGet(), presignedGet()]) {
    const parsed = parseAuthentication(request);
    assert.ok(parsed.ok);
    const { accessKeyId, scope, signedHeaders, timeMs } = parsed.authentication;
    assert.equal(accessKeyId, shared.caller.accessKeyId);
    assert.deepEqual(scope, { ...shared.scope, day: "20260203", terminator: "aws4_request" });
    assert.ok(signedHeaders.includes("host"));
    assert.equal(timeMs, shared.now.getTime());
  }
});

test("a header reads the same with and without blanks after its commas", () => {
  const parsed = parseAuthentication(authorized((value) => value.replaceAll(", ", ",")));
  assert.ok(parsed.ok);
  assert.ok(parseAuthentication(authorized((value) => value.replaceAll(", ", " ,   "))).ok);
});

test("a request without a signature misses one, whatever other scheme it uses", () => {
  const bare: WireRequest = { method: "GET", rawTarget: "/", headers: [["host", "h"]] };
  const wanted = ["missing", "Missing Authentication Token"];
  for (const value of [undefined, "", "Bearer abc", "Basic dTpw", "AWS AKID:sig"]) {
    const request = value === undefined ? bare : withHeader(bare, "authorization", value);
    assert.deepEqual(refusalOf(request), wanted);
  }
});

test("a signature in the header and in the query is one too many", () => {
  const request = withHeader(presignedGet(), "authorization", "AWS4-HMAC-SHA256 Credential=a");
  const parsed = parseAuthentication(request);
  assert.ok(!parsed.ok);
  assert.equal(parsed.refusal.status, 400);
  assert.equal(parsed.refusal.code, "InvalidSignatureException");
  const message =
    "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header.";
  assert.equal(parsed.refusal.message, message);
});

test("everything that a header lacks is named, and the header itself is not repeated", () => {
  const bare: WireRequest = {
    method: "GET",
    rawTarget: "/",
    headers: [["authorization", "AWS4-HMAC-SHA256 "]],
  };
  const [reason, message] = refusalOf(bare);
  assert.equal(reason, "incomplete");
  assert.equal(
    message,
    "Authorization header requires 'Credential' parameter. " +
      "Authorization header requires 'Signature' parameter. " +
      "Authorization header requires 'SignedHeaders' parameter. " +
      "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. " +
      "(Hashed with SHA-256 and encoded with Base64) " +
      `Authorization=${createHash("sha256").update("AWS4-HMAC-SHA256").digest("base64")}`,
  );
});

const broken: readonly (readonly [what: string, request: WireRequest, message: RegExp])[] = [
  ["no credential", authorized((v) => v.replace(/Credential=[^,]+, /, "")), /'Credential' param/],
  ["an empty credential", authorized((v) => v.replace(/al=[^,]+/, "al=")), /'Credential' param/],
  ["no signature", authorized((v) => v.replace(/, Signature.*/, "")), /'Signature' parameter/],
  ["no signed headers", authorized((v) => v.replace(/SignedHeaders[^ ]+ /, "")), /'SignedHeaders'/],
  [
    "a part without =",
    authorized((v) => v.replace("Signature=", "Signature")),
    /missing equal-sign/,
  ],
  ["a part given twice", authorized((v) => `${v}, Signature=0`), /'Signature'|malformed|once/],
  ["a repeated part", authorized((v) => v.replace("SignedHeaders=", "Credential=")), /given once/],
  ["an unknown part", authorized((v) => v.replace("SignedHeaders", "Signed")), /'Signed' is malf/],
  [
    "another algorithm",
    authorized((v) => v.replace("256", "512")),
    /'AWS4-HMAC-SHA512' \(only AWS4/,
  ],
  ["four scope parts", authorized((v) => v.replace("/aws4_", "")), /exactly 5 slash-delimited/],
  ["six scope parts", authorized((v) => v.replace("/aws4_", "/a/aws4_")), /exactly 5 slash/],
  ["an empty region", authorized((v) => v.replace("us-east-1", "")), /exactly 5 slash-delimited/],
  [
    "an endless key id",
    authorized((v) => v.replace("AKID", "A".repeat(200))),
    /exactly 5.*\.\.\.'$/,
  ],
  ["a short signature", authorized((v) => v.slice(0, -1)), /'Signature' is malformed/],
  ["a long signature", authorized((v) => `${v}0`), /'Signature' is malformed/],
  ["capital digits", authorized((v) => v.replace(/.{64}$/, "A".repeat(64))), /'Signature' is malf/],
  ["no host signed", authorized((v) => v.replace("host;", "")), /'Host' or ':authority' must be/],
  [
    "a header twice",
    authorized((v) => v.replace("host;", "host;HOST;")),
    /'SignedHeaders' is malf/,
  ],
  [
    "an empty name",
    authorized((v) => v.replace("host;", "host;;")),
    /'SignedHeaders' is malformed/,
  ],
  [
    "too many names",
    authorized((v) => v.replace("host", ["host", ...Array(200).keys()].join(";"))),
    /'SignedHeaders' is malformed/,
  ],
  [
    "a bad date",
    withHeader(signedGet(), "x-amz-date", "201"),
    /Date must be in ISO.*'201'.*ISO_8601/,
  ],
  ["an unsigned header", withHeader(signedGet(), "x-amz-target", "a"), /'x-amz-target' must be a/],
  ["no such path", { ...signedGet(), rawTarget: "*" }, /'target' is malformed/],
  ["an endless path", { ...signedGet(), rawTarget: `/${"a".repeat(70_000)}` }, /'target' is malf/],
  ["no algorithm", queried(/X-Amz-Algorithm=[^&]+&/, ""), /must include 'X-Amz-Algorithm'\. Re-ex/],
  ["no query date", queried(/X-Amz-Date=[^&]+&/, ""), /must include 'X-Amz-Date'/],
  ["no life time", queried(/X-Amz-Expires=[^&]+&/, ""), /must include 'X-Amz-Expires'/],
  ["no query signature", queried(/&X-Amz-Signature=.*/, ""), /must include 'X-Amz-Signature'/],
  ["two signatures", queried("X-Amz-Alg", "X-Amz-Signature=0&X-Amz-Alg"), /must be given once/],
  ["a disguised second", queried("X-Amz-Alg", "X%2DAmz-Expires=9&X-Amz-Alg"), /must be given once/],
  ["another query algorithm", queried("-SHA256", "-SHA1"), /Unsupported AWS 'algorithm'/],
  ["life time 0", queried("Expires=300", "Expires=0"), /from 1 to 604800, got '0'/],
  ["life time beyond a week", queried("Expires=300", "Expires=604801"), /from 1 to 604800/],
  ["a negative life time", queried("Expires=300", "Expires=-1"), /from 1 to 604800/],
  ["a fraction", queried("Expires=300", "Expires=1.5"), /from 1 to 604800/],
  ["an exponent", queried("Expires=300", "Expires=1e3"), /from 1 to 604800/],
  ["a line end in a name", queried("SignedHeaders=host", "SignedHeaders=host%0Aa"), /'SignedHead/],
];

for (const [what, request, message] of broken) {
  test(`a signature with ${what} is refused`, () => {
    const [reason, text] = refusalOf(request);
    assert.ok(reason === "incomplete" || reason === "unsignedHeader", reason);
    assert.match(text, message);
    assert.ok(text.length < 700 && /^[ -~]*$/.test(text), text);
  });
}

test("the longest life of a presigned URL is a week", () => {
  assert.ok(parseAuthentication(queried("Expires=300", "Expires=604800")).ok);
  assert.ok(parseAuthentication(queried("Expires=300", "Expires=1")).ok);
});

test("a Date header serves when X-Amz-Date is absent", () => {
  const { headers, ...request } = signedGet();
  const others = headers.filter(([name]) => name !== "x-amz-date");
  const parsed = parseAuthentication({
    ...request,
    headers: [...others, ["date", "Tue, 03 Feb 2026 04:05:06 GMT"]],
  });
  assert.ok(parsed.ok);
  assert.equal(parsed.authentication.dateTime, "20260203T040506Z");
});

test("a session token may be unsigned, X-Amzn-Trace-Id too", () => {
  const request = withHeader(signedGet(), "x-amz-security-token", "token");
  const parsed = parseAuthentication(withHeader(request, "x-amzn-trace-id", "Root=1"));
  assert.ok(parsed.ok);
  assert.equal(parsed.authentication.sessionToken, "token");
});

test("no request makes parsing fail", () => {
  const marks = [" ", ",", "=", "/", ";", "&", "?", "%", "%0", "\n", "é", "ሴ", "f".repeat(64)];
  const words = (
    "AWS4-HMAC-SHA256 AWS4- Credential SignedHeaders Signature host aws4_request Bearer http:// " +
    "X-Amz-Algorithm X-Amz-Credential X-Amz-Signature X-Amz-SignedHeaders X-Amz-Date " +
    "X-Amz-Expires 20260203 20260203T040506Z a/20260203/us-east-1/qbusiness/aws4_request"
  ).split(" ");
  const word = fc.constantFrom(...marks, ...words);
  const text = fc.array(word, { maxLength: 12 }).map((words) => words.join(""));
  const name = fc.constantFrom("authorization", "x-amz-date", "date", "host", "x-amz-a", ":", "");
  const headers = fc.array(fc.tuple(name, text), { maxLength: 5 });
  fc.assert(
    fc.property(fc.string(), text, headers, (method, rawTarget, headers) => {
      const parsed = parseAuthentication({ method, rawTarget, headers });
      assert.equal(typeof parsed.ok, "boolean");
    }),
    { numRuns: 20_000 },
  );
});

test("no 100,000 random bytes make parsing fail", () => {
  const random = shared.randomWords(7);
  let refused = 0;
  for (let round = 0; round < 100_000; round += 1) {
    const rawTarget = random.bool() ? random.text(12) : `/?X-Amz-Signature=${random.text(12)}`;
    const authorization = `${random.bool() ? "AWS4-HMAC-SHA256 " : ""}${random.text(20)}`;
    const headers = [
      ["authorization", authorization],
      [random.text(3), random.text(9)],
    ] as const;
    if (!parseAuthentication({ method: "GET", rawTarget, headers }).ok) refused += 1;
  }
  assert.equal(refused, 100_000);
});
