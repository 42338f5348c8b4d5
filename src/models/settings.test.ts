import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { parseAnswerModel, parseEmbeddingModel, refusalOf } from "./models.ts";
import type { ParsedSetting } from "./models.ts";

function settingOf(parsed: ParsedSetting): unknown {
  assert.ok(parsed.ok, parsed.ok ? "" : parsed.problem);
  return parsed.setting;
}

function problemOf(parsed: ParsedSetting): string {
  assert.ok(!parsed.ok, "the setting was accepted");
  return parsed.problem;
}

test("every documented form of an answer model is read", () => {
  assert.deepEqual(settingOf(parseAnswerModel("none")), { provider: "none" });
  assert.deepEqual(settingOf(parseAnswerModel("openai:qwen3@http://127.0.0.1:8080/v1")), {
    provider: "openai",
    model: "qwen3",
    url: "http://127.0.0.1:8080/v1",
  });
  assert.deepEqual(settingOf(parseAnswerModel("anthropic:claude-sonnet")), {
    provider: "anthropic",
    model: "claude-sonnet",
  });
  assert.deepEqual(settingOf(parseAnswerModel("bedrock:us.amazon.nova-lite-v1:0")), {
    provider: "bedrock",
    model: "us.amazon.nova-lite-v1:0",
  });
});

test("a model name may hold colons, slashes and at signs", () => {
  const parsed = parseAnswerModel("openai:org/llama3:8b@q4@https://models.example/v1/");
  assert.deepEqual(settingOf(parsed), {
    provider: "openai",
    model: "org/llama3:8b@q4",
    url: "https://models.example/v1",
  });
});

test("every documented form of an embedding model is read", () => {
  assert.deepEqual(settingOf(parseEmbeddingModel("none")), { provider: "none" });
  assert.deepEqual(settingOf(parseEmbeddingModel("bedrock:titan")), {
    provider: "bedrock",
    model: "titan",
  });
  assert.deepEqual(settingOf(parseEmbeddingModel("openai:bge@http://localhost:1/v1")), {
    provider: "openai",
    model: "bge",
    url: "http://localhost:1/v1",
  });
});

const refused: readonly (readonly [string, RegExp])[] = [
  ["", /is ""; it must be none, openai:MODEL@URL, anthropic:MODEL, bedrock:MODEL/],
  ["None", /must be none/],
  ["none:", /must be none/],
  ["gpt-x", /is "gpt-x"/],
  ["constructor", /is "constructor"/],
  ["ollama:llama3", /is "ollama:llama3"/],
  ["openai", /names no model/],
  ["openai:", /names no model/],
  ["openai:@http://h/v1", /names no model/],
  ["openai:gpt", /needs the server's URL/],
  ["openai:gpt@localhost:80", /needs the server's URL/],
  ["openai:gpt@ftp://h/v1", /http or https/],
  ["openai:gpt@http://", /cannot be read/],
  ["openai:gpt@http://user:word@h/v1", /must not hold credentials/],
  ["openai:gpt@http://h/v1?key=1", /query or fragment/],
  ["openai:gpt x@http://h/v1", /names no model/],
  ["anthropic:", /names no model; write anthropic:MODEL/],
  ["anthropic", /names no model/],
  ["bedrock:a\nb", /names no model/],
];

for (const [text, problem] of refused) {
  test(`the answer model ${JSON.stringify(text)} is refused in one line`, () => {
    const line = problemOf(parseAnswerModel(text));
    assert.match(line, problem);
    assert.match(line, /^--answer-model [^\n]+\.$/);
    assert.ok(!line.includes("word"), "a secret must not be repeated");
  });
}

test("Anthropic is no choice for embeddings, and the message names the ones that are", () => {
  const line = problemOf(parseEmbeddingModel("anthropic:claude"));
  assert.match(line, /^--embedding-model is .* none, openai:MODEL@URL, bedrock:MODEL\.$/);
});

test("a model that is well named but not built is refused, none is not", () => {
  assert.equal(refusalOf("--answer-model", { provider: "none" }), undefined);
  const line = refusalOf("--answer-model", { provider: "bedrock", model: "nova" });
  assert.equal(line, '--answer-model: the provider "bedrock" is not built yet; use "none".');
});

test("whatever is typed, the outcome is a setting or one line of at most 300 characters", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 3000 }), (text) => {
      for (const parsed of [parseAnswerModel(text), parseAnswerModel(`openai:${text}`)]) {
        if (!parsed.ok) assert.match(parsed.problem, /^[^\n]{1,300}$/);
      }
    }),
  );
});
