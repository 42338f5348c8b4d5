import assert from "node:assert/strict";
import { test } from "node:test";
import { hooksOf } from "./check-hooks.ts";
import type { WrittenSettings } from "./gather-settings.ts";

const arn = "arn:aws:lambda:us-east-1:111122223333:function:enrich";

function read(...values: readonly string[]): Readonly<Record<string, string>> {
  const written: WrittenSettings = new Map([["hooks", { values, from: "--hook", base: "." }]]);
  return hooksOf(written);
}

test("a function of an ARN is an HTTP endpoint", () => {
  assert.deepEqual(hooksOf(new Map()), {});
  assert.deepEqual(
    read(`${arn}=http://127.0.0.1:9000/enrich?a=b`, `${arn}:1=https://example.com`),
    {
      [arn]: "http://127.0.0.1:9000/enrich?a=b",
      [`${arn}:1`]: "https://example.com/",
    },
  );
});

test("what cannot be called is refused, by the name of the flag", () => {
  const cases: readonly (readonly [string[], RegExp])[] = [
    [[arn], /--hook .*ARN=URL/],
    [["enrich=http://h"], /--hook .*ARN=URL/],
    [["=http://h"], /--hook .*ARN=URL/],
    [["arn:aws:s3:::bucket=http://h"], /--hook .*ARN=URL/],
    [[`${arn}=`], /must be an http or https URL/],
    [[`${arn}=ftp://h`], /must be an http or https URL/],
    [[`${arn}=http://h/${"x".repeat(2048)}`], /must be an http or https URL/],
    [[`${arn}=http://user:secret@h`], /must not hold credentials/],
    [[`${arn}=http://h`, `${arn}=http://i`], /twice/],
  ];
  for (const [values, message] of cases) {
    assert.throws(() => read(...values), message, values[0] ?? "");
    assert.throws(
      () => read(...values),
      (error: Error) => !error.message.includes("secret"),
    );
  }
});
