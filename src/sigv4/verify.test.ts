import assert from "node:assert/strict";
import { test } from "node:test";
import { hashBody } from "./body-hash.ts";
import { tokenMatcher } from "./checks.ts";
import { parseAuthentication } from "./parse.ts";
import { nameRefusal, refusalNames, type Refusal } from "./refusal.ts";
import { emptyBodyHash, eventStreamPayload, unsignedPayload } from "./request.ts";
import { sign } from "./sign.ts";
import * as shared from "./testing/requests.ts";
import { createVerifier } from "./verify.ts";

const { caller, check, editHeader, later, now, presignedGet, refusalOf, signedGet } = shared;
const wrongSignature =
  "The request signature we calculated does not match the signature you provided. Check your " +
  "AWS Secret Access Key and signing method. Consult the service documentation for details.";
const temporary = { ...caller, sessionToken: "the token" };
const session = { isToken: tokenMatcher("the token"), expiresAt: later(60) };
const temporaryOwner = { secretAccessKey: caller.secretAccessKey, session };

function assertRefused(refusal: Refusal, code: string, message: string, status = 403): void {
  assert.deepEqual(
    { code: refusal.code, message: refusal.message, status: refusal.status },
    { code, message, status },
  );
}

test("a signed request says who sent it, for which service, and with which seed", () => {
  const request = signedGet();
  const verdict = check(request);
  assert.ok(verdict.ok);
  const { accessKeyId, service, region, sessionToken, seed, isEventStream } = verdict;
  assert.deepEqual(
    { accessKeyId, service, region, sessionToken, isEventStream },
    { accessKeyId: "AKIDEXAMPLE", ...shared.scope, sessionToken: undefined, isEventStream: false },
  );
  assert.equal(seed.credentialScope, "20260203/us-east-1/qbusiness/aws4_request");
  assert.ok(request.headers.some(([, value]) => value.endsWith(`Signature=${seed.signature}`)));
});

test("a presigned request is as good until it expires", () => {
  assert.ok(check(presignedGet()).ok);
  assert.ok(check(presignedGet(), { now: later(300) }).ok);
  const refusal = refusalOf(presignedGet(), { now: later(301) });
  const message = "Signature expired: 20260203T041006Z is now earlier than 20260203T041007Z";
  assertRefused(refusal, "InvalidSignatureException", message);
  assert.equal(nameRefusal(refusal, "query").code, "RequestExpired");
  assert.equal(nameRefusal(refusal, "s3").message, "Request has expired");
});

test("a presigned request is not good before its time", () => {
  assert.ok(check(presignedGet(), { now: later(-900) }).ok);
  assert.equal(refusalOf(presignedGet(), { now: later(-901) }).reason, "clock");
});

test("the clock may be off by 15 minutes either way, and not by a second more", () => {
  assert.ok(check(signedGet(), { now: later(900) }).ok);
  assert.ok(check(signedGet(), { now: later(900.999) }).ok);
  assert.ok(check(signedGet(), { now: later(-900) }).ok);
  assertRefused(
    refusalOf(signedGet(), { now: later(901) }),
    "InvalidSignatureException",
    "Signature expired: 20260203T040506Z is now earlier than 20260203T040507Z " +
      "(20260203T042007Z - 15 min.)",
  );
  assertRefused(
    refusalOf(signedGet(), { now: later(-901) }),
    "InvalidSignatureException",
    "Signature not yet current: 20260203T040506Z is still later than 20260203T040505Z " +
      "(20260203T035005Z + 15 min.)",
  );
  assert.throws(() => check(signedGet(), { now: new Date(Number.NaN) }), RangeError);
});

test("an unknown key is refused in the words of a bad token", () => {
  const message = "The security token included in the request is invalid.";
  const refusal = refusalOf(signedGet(), { owner: undefined });
  assertRefused(refusal, "UnrecognizedClientException", message);
  assert.equal(refusal.expected, undefined, "what to sign is not told to strangers");
});

test("not even the stand-in's secret opens the door to an unknown key", () => {
  const credentials = { accessKeyId: "AKIDNOBODY", secretAccessKey: "nobody" };
  assert.equal(refusalOf(signedGet({ credentials }), { owner: undefined }).reason, "unknownKey");
});

test("a temporary key needs its own token", () => {
  const owner = temporaryOwner;
  assert.ok(check(signedGet({ credentials: temporary }), { owner }).ok);
  assert.ok(check(presignedGet({ credentials: temporary }), { owner }).ok);
  const others = [
    caller,
    { ...temporary, sessionToken: "the tokem" },
    { ...temporary, sessionToken: "" },
  ];
  for (const credentials of others) {
    const refusal = refusalOf(signedGet({ credentials }), { owner });
    const message = "The security token included in the request is invalid.";
    assertRefused(refusal, "UnrecognizedClientException", message);
    assert.equal(refusal.reason, "badToken");
  }
});

test("a token added after signing counts, in the header and in the query", () => {
  const owner = temporaryOwner;
  const header = shared.withHeader(signedGet(), "x-amz-security-token", "the token");
  const verdict = check(header, { owner });
  assert.ok(verdict.ok);
  assert.equal(verdict.sessionToken, "the token");
  const { rawTarget, ...request } = presignedGet();
  const late = { ...request, rawTarget: `${rawTarget}&X-Amz-Security-Token=the%20token` };
  assert.ok(check(late, { owner }).ok);
  assert.equal(refusalOf(late).reason, "badToken");
});

test("a token beside a long-term key is refused", () => {
  assert.equal(refusalOf(signedGet({ credentials: temporary })).reason, "badToken");
});

test("a temporary key dies on the second its session ends", () => {
  const request = signedGet({ credentials: temporary });
  assert.ok(check(request, { owner: temporaryOwner, now: later(59) }).ok);
  assertRefused(
    refusalOf(request, { owner: temporaryOwner, now: later(60) }),
    "ExpiredTokenException",
    "The security token included in the request is expired",
  );
  const expiresAt = new Date(Number.NaN);
  const owner = { ...temporaryOwner, session: { ...session, expiresAt } };
  assert.equal(refusalOf(request, { owner }).reason, "expiredToken");
});

test("another secret makes another signature", () => {
  const refusal = refusalOf(signedGet(), { owner: { secretAccessKey: "another" } });
  assertRefused(refusal, "InvalidSignatureException", wrongSignature);
  assert.match(
    refusal.expected?.canonicalRequest ?? "",
    /^GET\n\/applications\nmaxResults=5\nhost:/,
  );
  assert.match(refusal.expected?.stringToSign ?? "", /^AWS4-HMAC-SHA256\n20260203T040506Z\n2026/);
});

test("a secret that was changed stops working at once, cached key or not", () => {
  const secrets = [caller.secretAccessKey, "changed", caller.secretAccessKey];
  const verdicts = secrets.map(
    (secretAccessKey) => check(signedGet(), { owner: { secretAccessKey } }).ok,
  );
  assert.deepEqual(verdicts, [true, false, true]);
});

const inScope = (from: string, to: string): Refusal =>
  refusalOf(editHeader(signedGet(), "authorization", (value) => value.replace(from, to)));

test("a credential must be scoped to our region, service, terminator and the day it was signed", () => {
  const code = "InvalidSignatureException";
  assertRefused(inScope("us-east-1", "x"), code, "Credential should be scoped to a valid region.");
  assertRefused(
    inScope("/qbusiness/", "/dynamodb/"),
    code,
    "Credential should be scoped to correct service: 'qbusiness'.",
  );
  assertRefused(
    inScope("aws4_request", "x"),
    code,
    "Credential should be scoped with a valid terminator: 'aws4_request', not 'x'.",
  );
  assertRefused(
    inScope("/20260203/", "/20260204/"),
    code,
    "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: " +
      "'20260204' != '20260203', from '20260203T040506Z'.",
  );
  const all = inScope("20260203/us-east-1/qbusiness/aws4_request", "a/b/c/d").message;
  assert.match(all, /valid region\. .*'qbusiness'\. .*'aws4_request', not 'd'\. Date in/);
});

test("IAM and STS are also called in us-east-1, other services only where we are", () => {
  const verifier = createVerifier({
    acceptedServices: ["qbusiness", "iam", "sts"],
    acceptedRegions: ["eu-central-1"],
  });
  const isAccepted = (service: string, region: string): boolean => {
    const parsed = parseAuthentication(signedGet({ service, region }));
    assert.ok(parsed.ok);
    return verifier.verify(parsed.authentication, { owner: caller, now, bodyHash: emptyBodyHash })
      .ok;
  };
  assert.ok(isAccepted("iam", "us-east-1") && isAccepted("sts", "us-east-1"));
  assert.ok(isAccepted("iam", "eu-central-1") && isAccepted("qbusiness", "eu-central-1"));
  assert.ok(!isAccepted("qbusiness", "us-east-1") && !isAccepted("iam", "us-west-2"));
});

test("checks run in order: scope, clock, key, signature, body", () => {
  const request = signedGet({
    headers: [
      ["host", "h"],
      ["x-amz-content-sha256", hashBody("a")],
    ],
  });
  const broken = editHeader(request, "authorization", (value) =>
    value.replace(/.{64}$/, "0".repeat(64)),
  );
  const foreign = editHeader(broken, "authorization", (value) => value.replace("us-east-1", "x"));
  const late = { now: later(5000), owner: undefined };
  assert.equal(refusalOf(foreign, late).reason, "scope");
  assert.equal(refusalOf(broken, late).reason, "clock");
  assert.equal(refusalOf(broken, { owner: undefined }).reason, "unknownKey");
  assert.equal(refusalOf(broken).reason, "signature");
  assert.equal(refusalOf(request).reason, "bodyHash");
  assert.ok(check(request, { bodyHash: hashBody("a") }).ok);
});

test("a body must be the one that was signed, declared or not", () => {
  const bodyHash = hashBody("body");
  for (const headers of [
    [["host", "h"]],
    [
      ["host", "h"],
      ["x-amz-content-sha256", bodyHash],
    ],
  ]) {
    const wire = headers.map(([name = "", value = ""]) => [name, value] as const);
    const request = signedGet({ headers: wire, bodyHash });
    assert.ok(check(request, { bodyHash }).ok);
    const refusal = refusalOf(request, { bodyHash: hashBody("Body") });
    assertRefused(refusal, "InvalidSignatureException", wrongSignature);
  }
});

test("the body is hashed once at most, and only for a caller who proved to be one", () => {
  let calls = 0;
  const bodyHash = (): string => {
    calls += 1;
    return emptyBodyHash;
  };
  check(signedGet(), { bodyHash });
  assert.equal(calls, 1, "nothing declared: the signature needs it");
  const declared = signedGet({
    headers: [
      ["host", "h"],
      ["x-amz-content-sha256", emptyBodyHash],
    ],
  });
  check(declared, { bodyHash, owner: { secretAccessKey: "another" } });
  check(declared, { bodyHash, owner: undefined });
  assert.equal(calls, 1, "declared: not before the signature is right");
  check(declared, { bodyHash });
  assert.equal(calls, 2);
});

test("a payload that nobody vouches for is refused", () => {
  const kinds = [unsignedPayload, "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "A".repeat(64), ""];
  for (const kind of kinds) {
    const request = signedGet({
      headers: [
        ["host", "h"],
        ["x-amz-content-sha256", kind],
      ],
    });
    assert.equal(refusalOf(request).reason, "payload", kind);
  }
  const inHeader = signedGet({
    service: "s3",
    headers: [
      ["host", "h"],
      ["x-amz-content-sha256", unsignedPayload],
    ],
  });
  assert.equal(refusalOf(inHeader).reason, "payload");
});

test("only a presigned S3 URL leaves its payload open", () => {
  const bodyHash = (): string => assert.fail("nobody asked for the body");
  assert.ok(check(presignedGet({ service: "s3" }), { bodyHash }).ok);
  const added = presignedGet();
  const open = { ...added, rawTarget: `${added.rawTarget}&X-Amz-Content-Sha256=UNSIGNED-PAYLOAD` };
  assert.equal(refusalOf(open).reason, "payload");
});

test("a stream of signed frames gives its seed without its body", () => {
  const headers = [
    ["host", "h"],
    ["x-amz-content-sha256", eventStreamPayload],
  ] as const;
  const bodyHash = (): string => assert.fail("the body has not come yet");
  const verdict = check(signedGet({ headers }), { bodyHash });
  assert.ok(verdict.ok && verdict.isEventStream);
});

test("over HTTP/2 the client signs :authority and no host", () => {
  const signed = signedGet({
    headers: [
      [":authority", "localhost:8090"],
      [":path", "/"],
    ],
  });
  assert.match(String(signed.headers.at(-1)?.[1]), /SignedHeaders=:authority;x-amz-date,/);
  assert.ok(check(signed).ok);
  const authority = editHeader(signed, ":authority", () => "evil:8090");
  assert.equal(refusalOf(authority).reason, "signature");
});

test("behind a proxy the hosts that clients may have called are tried, eight at most", () => {
  const request = editHeader(signedGet(), "host", () => "internal:80");
  assert.equal(refusalOf(request).reason, "signature");
  assert.equal(refusalOf(request, { alternativeHosts: ["a", "b"] }).reason, "signature");
  assert.ok(check(request, { alternativeHosts: ["a", "localhost:8090"] }).ok);
  const eighth = [...Array(7).keys(), "localhost:8090"].map(String);
  assert.ok(check(request, { alternativeHosts: eighth }).ok);
  assert.equal(refusalOf(request, { alternativeHosts: ["0", ...eighth] }).reason, "signature");
});

test("a header beyond ASCII may have been signed as UTF-8 or as the bytes on the wire", () => {
  const bytes = Buffer.from("é").toString("latin1");
  const headers = (value: string) =>
    [
      ["host", "h"],
      ["x-amz-meta-name", value],
    ] as const;
  const signed = signedGet({ headers: headers("é") });
  assert.ok(check(signed).ok, "characters sent as Latin-1, signed as UTF-8");
  const onTheWire = editHeader(signed, "x-amz-meta-name", () => bytes);
  assert.ok(check(onTheWire).ok, "sent and signed as UTF-8");
  assert.equal(refusalOf(editHeader(signed, "x-amz-meta-name", () => "è")).reason, "signature");
  // U+0169 must not be taken for the byte 0x69, an "i".
  const plain = signedGet({ headers: headers("i") });
  assert.equal(refusalOf(editHeader(plain, "x-amz-meta-name", () => "ũ")).reason, "signature");
});

test("a header whose signature is claimed must have come", () => {
  const signed = signedGet({
    headers: [
      ["host", "h"],
      ["x-empty", ""],
    ],
  });
  assert.ok(check(signed).ok);
  const headers = signed.headers.filter(([name]) => name !== "x-empty");
  assert.equal(refusalOf({ ...signed, headers }).reason, "signature");
});

test("a Date header may stand for X-Amz-Date, in either spelling", () => {
  for (const date of ["20260203T040506Z", "Tue, 03 Feb 2026 04:05:06 GMT"]) {
    const signed = sign({ method: "GET", rawTarget: "/", headers: [["host", "h"]] }, caller, {
      ...shared.scope,
      now,
    });
    // Signed by hand: our signer always sends X-Amz-Date.
    const dated = {
      method: "GET",
      rawTarget: "/",
      headers: [
        ["host", "h"],
        ["date", date],
      ],
    } as const;
    const byHand = shared.signWithDateHeader(dated, signed.seed);
    assert.ok(check(byHand).ok, date);
  }
});

test("every reason has a name in every protocol", () => {
  const reasons = Object.entries(refusalNames);
  assert.equal(reasons.length, 13);
  for (const [, names] of reasons) {
    for (const { code, status } of [names.restJson, names.query, names.s3]) {
      assert.match(code, /^[A-Z][A-Za-z0-9]+$/);
      assert.ok(status === 400 || status === 403);
    }
    assert.match(names.restJson.code, /Exception$/);
    assert.doesNotMatch(names.query.code, /Exception$/);
  }
});

test("a refusal is worded as its protocol words it", () => {
  const refusal = refusalOf(signedGet(), { owner: { secretAccessKey: "another" } });
  assert.deepEqual(nameRefusal(refusal, "query"), {
    code: "SignatureDoesNotMatch",
    status: 403,
    message: wrongSignature,
  });
  assert.match(nameRefusal(refusal, "s3").message, /Check your key and signing method\.$/);
  assert.equal(nameRefusal(refusal, "restJson").code, "InvalidSignatureException");
});
