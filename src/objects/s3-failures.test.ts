import assert from "node:assert/strict";
import { test } from "node:test";
import { asS3Failure, isWorthARetry, TookTooLong } from "./s3-failures.ts";

const errorOf = (name: string, status?: number, more: object = {}): Error =>
  Object.assign(new Error("told"), { name, $metadata: { httpStatusCode: status }, ...more });

test("errors are translated by name, by socket code and at last by status", () => {
  const rows: readonly [Error, string, boolean][] = [
    [errorOf("NoSuchKey", 404), "noSuchKey", false],
    [errorOf("NotFound", 404), "noSuchKey", false],
    [errorOf("UnknownError", 412), "changed", false],
    [errorOf("403", 403), "denied", false],
    [errorOf("ExpiredToken", 400), "denied", false],
    [errorOf("CredentialsProviderError"), "denied", false],
    [errorOf("SlowDown", 503), "unreachable", true],
    [errorOf("InternalError", 500), "unreachable", true],
    [errorOf("NotImplemented", 501), "unreachable", false],
    [errorOf("TooManyRequests", 429), "unreachable", true],
    // The client gives resets the name of a timeout.
    [errorOf("TimeoutError", undefined, { code: "ECONNRESET" }), "unreachable", true],
    [errorOf("Error", undefined, { code: "ECONNREFUSED" }), "unreachable", true],
    [errorOf("Error", undefined, { code: "ETIMEDOUT" }), "timedOut", true],
    [new TookTooLong("late"), "timedOut", true],
    [errorOf("Error", undefined, { message: "socket hang up" }), "unreachable", true],
    [errorOf("KMS.NotFoundException", 400), "keyDenied", false],
    [errorOf("TemporaryRedirect", 307), "unreachable", false],
    [errorOf("EgressRefused", undefined, { code: "ERR_EGRESS_REFUSED" }), "denied", false],
    [errorOf("ProxyFailed", undefined, { code: "EHOSTUNREACH" }), "unreachable", true],
  ];
  for (const [error, kind, isWorthIt] of rows) {
    const { failure } = asS3Failure(error, { bucket: "b", key: "k" });
    assert.equal(failure.kind, kind, error.name);
    assert.equal(isWorthARetry(error), isWorthIt, error.name);
    assert.match(failure.message, /^Object "k"/);
  }
});

test("a refusal without a word says what to look at", () => {
  const messageOf = (error: Error): string => asS3Failure(error, { bucket: "b" }).failure.message;
  const refused = /^Bucket "b": the store refused access \(HTTP 403\)\. Look at the credentials/;
  for (const name of ["Unknown", "UnknownError", "403"]) {
    assert.match(messageOf(errorOf(name, 403)), refused);
  }
  assert.match(messageOf(errorOf("Unknown", 400)), /answered HTTP 400 and gave no reason\.$/);
  assert.equal(messageOf(errorOf("ExpiredToken", 400)), 'Bucket "b": ExpiredToken (told)');
});

test("a missing page of a listing is a missing bucket", () => {
  assert.equal(asS3Failure(errorOf("NotFound", 404), { bucket: "b" }).failure.kind, "noSuchBucket");
});

test("a raised signal explains every error, and a bug is thrown on", () => {
  const signal = AbortSignal.abort();
  assert.equal(
    asS3Failure(errorOf("SlowDown", 503), { bucket: "b" }, signal).failure.kind,
    "aborted",
  );
  assert.throws(() => asS3Failure(new TypeError("bug"), { bucket: "b" }), /bug/);
  const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
  assert.throws(() => asS3Failure(full, { bucket: "b", key: "k" }), /no space/);
});
