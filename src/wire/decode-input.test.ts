import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { operations } from "../contract/contract.ts";
import type { InputOf, OperationName } from "../contract/contract.ts";
import { decodeInput } from "./decode-input.ts";
import { ApiError } from "./errors.ts";
import { route } from "./route.ts";

const id = "11111111-2222-3333-4444-555555555555";

/** Decodes a request as it stands on the wire. */
function decode<Name extends OperationName>(
  operation: Name,
  target: string,
  body: unknown = "",
): InputOf<Name> {
  const found = route(operations[operation].method, target) ?? assert.fail(`no route to ${target}`);
  assert.equal(found.operation, operation);
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return decodeInput(operation, { ...found, body: Buffer.from(text) });
}

/** The fields that a request is refused for, name -> constraint. */
function refusal(run: () => unknown): Readonly<Record<string, string>> {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error));
    assert.equal(error.name, "ValidationException");
    const { reason, fields = [] } = error.members as {
      readonly reason?: string;
      readonly fields?: readonly { readonly name: string; readonly message: string }[];
    };
    if (reason !== "FIELD_VALIDATION_FAILED") return { [String(reason)]: error.message };
    const constraint = /^Value at '.*' failed to satisfy constraint: (.*)$/s;
    return Object.fromEntries(
      fields.map(({ name, message }) => [name, constraint.exec(message)?.[1] ?? ""]),
    );
  }
  return assert.fail("taken");
}

test("a request without a body gives labels and query members their types", () => {
  assert.deepEqual(decode("ListApplications", "/applications?maxResults=7&nextToken=a%2Bb"), {
    maxResults: 7,
    nextToken: "a+b",
  });
  const groups = `/applications/${id}/indices/${id}/groups?updatedEarlierThan=`;
  for (const [text, time] of [
    ["2023-11-14T22%3A13%3A20.123Z", "2023-11-14T22:13:20.123Z"],
    ["2023-11-14T22:13:20.123456Z", "2023-11-14T22:13:20.123Z"],
    ["2023-11-14T22:13:20Z", "2023-11-14T22:13:20.000Z"],
    ["2023-11-14T22:13:20+01:00", "2023-11-14T21:13:20.000Z"],
  ] as const) {
    assert.deepEqual(decode("ListGroups", groups + text).updatedEarlierThan, new Date(time), text);
  }
});

test("one bad field is named in the service's words", () => {
  const run = (): unknown => decode("ListApplications", "/applications?maxResults=101");
  assert.throws(run, {
    status: 400,
    message:
      "1 validation error detected: Value at 'maxResults' failed to satisfy constraint: " +
      "Member must be less than or equal to 100",
  });
});

test("several bad fields are all named, and counted in the message", () => {
  const run = (): unknown =>
    decode("TagResource", "/v1/tags/arn", { tags: [{ key: "", value: "v" }, { key: "k" }] });
  assert.throws(
    run,
    /^ValidationException: 2 validation errors detected: Value at 'tags\.1\.member\.key' /,
  );
  assert.deepEqual(refusal(run), {
    "tags.1.member.key": "Member must have length greater than or equal to 1",
    "tags.2.member.value": "Member must not be null",
  });
});

test("numbers in a query string are digits only", () => {
  for (const text of ["", "+1", "1.0", "1e1", "0x10", " 1", "1%20", "NaN", "9".repeat(400), "-"]) {
    const fields = refusal(() => decode("ListApplications", `/applications?maxResults=${text}`));
    assert.deepEqual(Object.keys(fields), ["maxResults"], text);
  }
});

test("a member that is no list must come once", () => {
  const fields = refusal(() =>
    decode("ListApplications", "/applications?maxResults=1&maxResults=2"),
  );
  assert.deepEqual(fields, { maxResults: "Member must be given once" });
});

test("a list in a query string repeats its key", () => {
  const arn = encodeURIComponent("arn:aws:qbusiness:us-east-1:1:application/a");
  const { tagKeys, resourceARN } = decode(
    "UntagResource",
    `/v1/tags/${arn}?tagKeys=a&tagKeys=b%20c&tagKeys=d+e`,
  );
  assert.deepEqual(tagKeys, ["a", "b c", "d+e"]);
  assert.equal(resourceARN, "arn:aws:qbusiness:us-east-1:1:application/a");
  assert.deepEqual(
    refusal(() => decode("UntagResource", `/v1/tags/${arn}?tagKeys=`)),
    {
      "tagKeys.1.member": "Member must have length greater than or equal to 1",
    },
  );
  assert.deepEqual(
    refusal(() => decode("UntagResource", `/v1/tags/${arn}`)),
    {
      tagKeys: "Member must not be null",
    },
  );
});

test("labels keep dots, slashes and escapes, and ids that are none are refused", () => {
  const target = (document: string): string =>
    `/applications/${id}/index/${id}/documents/${document}/content`;
  for (const [raw, decoded] of [
    ["..", ".."],
    ["a%2Fb", "a/b"],
    ["%2525", "%25"],
    ["%F0%9F%98%80", "😀"],
    ["s3%3A%2F%2Fb%2Fk", "s3://b/k"],
  ] as const) {
    assert.equal(decode("GetDocumentContent", target(raw)).documentId, decoded);
  }
  assert.deepEqual(Object.keys(refusal(() => decode("GetDocumentContent", target("%0A")))), [
    "documentId",
  ]);
  assert.deepEqual(Object.keys(refusal(() => decode("GetApplication", "/applications/.."))), [
    "applicationId",
  ]);
  assert.deepEqual(
    refusal(() => decode("GetApplication", "/applications/")),
    {
      applicationId: "Member must have length greater than or equal to 1",
    },
  );
});

test("a broken escape anywhere in the target is CANNOT_PARSE", () => {
  for (const target of ["/applications/%zz", `/applications/${id}?x=%`]) {
    assert.deepEqual(Object.keys(refusal(() => decode("GetApplication", target))), [
      "CANNOT_PARSE",
    ]);
  }
});

test("null is absent, unknown members are ignored, empty bodies are empty objects", () => {
  const body = {
    userMessage: null,
    neverHeardOf: { deep: [] },
    conversationId: null,
    __proto__: null,
  };
  assert.deepEqual(decode("ChatSync", `/applications/${id}/conversations?sync`, body), {
    applicationId: id,
  });
  assert.deepEqual(decode("ChatSync", `/applications/${id}/conversations?sync=`), {
    applicationId: id,
  });
  assert.deepEqual(
    refusal(() => decode("CreateApplication", "/applications", { displayName: null })),
    {
      displayName: "Member must not be null",
    },
  );
});

test("a body is not looked at where the operation has no body", () => {
  assert.deepEqual(decode("GetApplication", `/applications/${id}`, "{ no json"), {
    applicationId: id,
  });
});

test("a union has exactly one known member", () => {
  const put = (content: unknown): unknown =>
    decode("BatchPutDocument", `/applications/${id}/indices/${id}/documents`, {
      documents: [{ id: "d", content }],
    });
  const constraint = "Member must have exactly one of these members: blob, s3";
  const s3 = { bucket: "bucket", key: "k" };
  for (const content of [{}, { blob: "AAAA", s3 }, { other: 1 }, { blob: null }]) {
    assert.deepEqual(
      refusal(() => put(content)),
      { "documents.1.member.content": constraint },
    );
  }
  put({ blob: "AAAA" });
  put({ s3, blob: null, other: 1 });
});

test("timestamps in bodies are epoch seconds; only a document's date may be text", () => {
  const date = (dateValue: unknown): unknown =>
    decode("BatchPutDocument", `/applications/${id}/indices/${id}/documents`, {
      documents: [{ id: "d", attributes: [{ name: "_created_at", value: { dateValue } }] }],
    }).documents[0]?.attributes?.[0]?.value.dateValue;
  const time = new Date("2023-11-14T22:13:20.123Z");
  assert.deepEqual(date(1_700_000_000.123), time);
  assert.deepEqual(date("2023-11-14T22:13:20.123Z"), time);
  assert.deepEqual(date("2023-11-14T23:13:20.123456+01:00"), time);
  assert.throws(
    () => date("1700000000"),
    /documents\.1\.member\.attributes\.1\.member\.value\.dateValue/,
  );
  assert.throws(() => date(1e300), /timestamp/);

  const feedback = (submittedAt: unknown): unknown =>
    decode("PutFeedback", `/applications/${id}/conversations/${id}/messages/${id}/feedback`, {
      messageUsefulness: { usefulness: "USEFUL", submittedAt },
    }).messageUsefulness?.submittedAt;
  assert.deepEqual(feedback(1_700_000_000), new Date("2023-11-14T22:13:20Z"));
  assert.throws(() => feedback("2023-11-14T22:13:20Z"), /messageUsefulness\.submittedAt/);
});

test("JSON documents pass through untouched, and a key named __proto__ stays a key", () => {
  const configuration = '{"a":[1,null,{"__proto__":{"x":1}}],"b":1e3}';
  const input = decode(
    "CreateDataSource",
    `/applications/${id}/indices/${id}/datasources`,
    `{"displayName":"d","configuration":${configuration}}`,
  );
  assert.equal(JSON.stringify(input.configuration), JSON.stringify(JSON.parse(configuration)));
  const { authChallengeResponse } = decode(
    "ChatSync",
    `/applications/${id}/conversations?sync`,
    '{"authChallengeResponse":{"responseMap":{"__proto__":"x","code":"y"}}}',
  );
  assert.deepEqual(Object.entries(authChallengeResponse?.responseMap ?? {}), [
    ["__proto__", "x"],
    ["code", "y"],
  ]);
  assert.equal(({} as { x?: number }).x, undefined);
});

test("nulls are no items, and half a surrogate pair is no text", () => {
  const chat = (body: string): unknown =>
    decode("ChatSync", `/applications/${id}/conversations?sync`, body);
  assert.deepEqual(
    refusal(() => chat('{"attachments":[null]}')),
    {
      "attachments.1.member": "Member must not be null",
    },
  );
  assert.deepEqual(
    refusal(() => chat('{"userMessage":"\\ud83d"}')),
    {
      userMessage: "Member must be well-formed Unicode text",
    },
  );
});

test("a huge number of bad fields costs little and is cut off at 100", () => {
  const tags = Array.from({ length: 200 }, () => ({ key: "", value: 1 }));
  const fields = refusal(() => decode("TagResource", "/v1/tags/arn", { tags }));
  assert.equal(Object.keys(fields).length, 100);
  const userGroups = "&userGroups=".repeat(2000);
  const error = refusal(() =>
    decode("ChatSync", `/applications/${id}/conversations?sync${userGroups}`),
  );
  assert.equal(Object.keys(error).length, 100);
});

test("the message stays within the length that the model gives it", () => {
  const tags = Array.from({ length: 150 }, () => ({ key: "" }));
  assert.throws(
    () => decode("TagResource", "/v1/tags/arn", { tags }),
    (error) => error instanceof ApiError && error.message.length === 2048,
  );
});

test("decoding throws nothing but ApiError, whatever the bytes", () => {
  const names = fc.constantFrom(...(Object.keys(operations) as OperationName[]));
  const json = fc.json({ maxDepth: 5 }).map((text) => Buffer.from(text));
  const bytes = fc.uint8Array({ maxLength: 60 }).map((values) => Buffer.from(values));
  const text = fc.string({ unit: "binary", maxLength: 20 });
  const values = fc.dictionary(
    fc.constantFrom("maxResults", "userGroups", "updatedEarlierThan"),
    fc.array(text),
  );
  fc.assert(
    fc.property(names, fc.oneof(json, bytes), text, values, (operation, body, label, query) => {
      const labels = { applicationId: label, indexId: label };
      const raw = { labels, query: new Map(Object.entries(query)), isMalformed: false, body };
      try {
        decodeInput(operation, raw);
      } catch (error) {
        assert.ok(error instanceof ApiError, String(error));
      }
    }),
    { numRuns: 2000 },
  );
});
