import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { test } from "node:test";
import * as fc from "fast-check";
import { cliSnippet, quote, sdkSnippet } from "./snippets.ts";

const place = {
  endpoint: "http://127.0.0.1:8090",
  region: "us-east-1",
  applicationId: "0e5693ad-058f-4e59-8ca2-43ec3e6862bb",
  key: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a/b+c=" },
  question: "What's the limit?",
};

test("the command-line snippet is one command of the AWS CLI with the real ids", () => {
  assert.equal(
    cliSnippet(place),
    "AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=a/b+c= \\\n" +
      "  aws qbusiness chat-sync --endpoint-url http://127.0.0.1:8090 --region us-east-1 \\\n" +
      "  --application-id 0e5693ad-058f-4e59-8ca2-43ec3e6862bb --user-message 'What'\\''s the limit?'\n",
  );
});

test("a shell reads the snippet's words as they were meant", (t) => {
  const show = `aws() { printf '%s\\0' "$AWS_SECRET_ACCESS_KEY" "$@"; }; ${cliSnippet(place)}`;
  const { status, stdout, error } = spawnSync("sh", ["-c", show], { encoding: "utf8" });
  if (error !== undefined) return t.skip("there is no POSIX shell");
  assert.equal(status, 0);
  const words = stdout.split("\0");
  assert.equal(words[0], "a/b+c=");
  assert.equal(words.at(-2), place.question);
});

test("any text survives quoting for a shell", (t) => {
  if (spawnSync("sh", ["-c", ":"]).error !== undefined) return t.skip("there is no POSIX shell");
  // A shell word cannot hold the character zero.
  const words = fc.sample(fc.string(), 60).map((word) => word.replaceAll("\0", ""));
  const script = `printf '%s\\0' ${words.map(quote).join(" ")}`;
  const { stdout } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
  assert.deepEqual(stdout.split("\0").slice(0, -1), words);
});

test("the SDK snippet is a module that the language accepts, whatever the values hold", () => {
  const text = sdkSnippet({ ...place, question: 'a "quoted" ${word} \\ `tick`' });
  const body = text.replace(/^import .*$/m, "");
  assert.doesNotThrow(() => new Function(`return async () => { ${body} }`));
  assert.match(text, /endpoint: "http:\/\/127\.0\.0\.1:8090"/);
  assert.match(text, /userMessage: "a \\"quoted\\" \$\{word\} \\\\ `tick`"/);
});
