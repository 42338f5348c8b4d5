import assert from "node:assert/strict";
import { describe, test } from "node:test";
import * as fc from "fast-check";
import {
  hookRequest,
  parseHookAnswer,
  parseTextContent,
  textContent,
  withUpdates,
} from "./hook-message.ts";
import type { FieldType } from "./value.ts";

const fields = new Map<string, FieldType>([
  ["_category", "STRING"],
  ["_authors", "STRING_LIST"],
  ["_view_count", "NUMBER"],
  ["_created_at", "DATE"],
  ["_data_source_id", "STRING"],
  ["_document_title", "STRING"],
]);

function parse(answer: unknown): ReturnType<typeof parseHookAnswer> {
  return parseHookAnswer(Buffer.from(JSON.stringify(answer)), fields);
}

const update = (name: string, value: unknown): unknown =>
  parse({ version: "v0", metadataUpdates: [{ name, value }] });

test("a call has the documented form, dates as text", () => {
  const body: unknown = JSON.parse(
    hookRequest(
      { bytes: Buffer.from("abc") },
      {
        documentId: "d",
        title: "t",
        attributes: [
          { name: "_category", value: { stringValue: "x" } },
          { name: "_created_at", value: { dateValue: new Date(0) } },
        ],
      },
    ),
  );
  assert.deepEqual(body, {
    version: "v0",
    dataBlobStringEncodedInBase64: "YWJj",
    metadata: {
      attributes: [
        { name: "_category", value: { stringValue: "x" } },
        { name: "_created_at", value: { dateValue: "1970-01-01T00:00:00.000Z" } },
      ],
    },
  });
});

test("a call that goes by a bucket names the object in place of the content", () => {
  const document = { documentId: "d", title: "t", attributes: [] };
  const body: unknown = JSON.parse(hookRequest({ bucket: "b", key: "k" }, document));
  const metadata = { attributes: [] };
  assert.deepEqual(body, { version: "v0", s3Bucket: "b", s3ObjectKey: "k", metadata });
});

test("an answer by a bucket names an object, or has its content, not both", () => {
  const byBucket = (answer: object) =>
    parseHookAnswer(Buffer.from(JSON.stringify({ version: "v0", ...answer })), fields, {
      isByBucket: true,
    });
  const none = { content: undefined, updates: [] };
  assert.deepEqual(byBucket({ s3ObjectKey: "out/1" }), { ...none, objectKey: "out/1" });
  assert.deepEqual(byBucket({ s3ObjectKey: null }), none);
  const blob = { dataBlobStringEncodedInBase64: "YWJj" };
  assert.deepEqual(byBucket(blob), { ...none, content: Buffer.from("abc") });
  assert.match(String(byBucket({ ...blob, s3ObjectKey: "k" })), /in two ways/);
  for (const s3ObjectKey of ["", 5, {}, "x".repeat(1025)]) {
    assert.match(String(byBucket({ s3ObjectKey })), /no key/);
  }
});

describe("an answer", () => {
  test("may change the content, attributes, both or nothing", () => {
    const nothing = { content: undefined, updates: [] };
    assert.deepEqual(parse({ version: "v0" }), nothing);
    const nulls = { dataBlobStringEncodedInBase64: null, metadataUpdates: null, s3ObjectKey: null };
    assert.deepEqual(parse({ version: "v0", ...nulls }), nothing);
    const answer = parse({
      version: "v0",
      dataBlobStringEncodedInBase64: "YWJj",
      metadataUpdates: [
        { name: "_category", value: { stringValue: "x" } },
        { name: "_authors", value: { stringListValue: ["a", "b"] } },
        { name: "_view_count", value: { integerValue: 3 } },
        { name: "_created_at", value: { dateValue: "2026-01-02T03:04:05Z", longValue: null } },
      ],
    });
    assert.deepEqual(answer, {
      content: Buffer.from("abc"),
      updates: [
        { name: "_category", value: { stringValue: "x" } },
        { name: "_authors", value: { stringListValue: ["a", "b"] } },
        { name: "_view_count", value: { longValue: 3 } },
        { name: "_created_at", value: { dateValue: new Date("2026-01-02T03:04:05Z") } },
      ],
    });
    assert.deepEqual(update("_view_count", { longValue: 4 }), {
      content: undefined,
      updates: [{ name: "_view_count", value: { longValue: 4 } }],
    });
  });

  test("of another form says what is wrong with it", () => {
    const cases: readonly (readonly [unknown, RegExp])[] = [
      [[], /JSON object/],
      [null, /JSON object/],
      [{}, /"version": "v0"/],
      [{ version: "v1" }, /"version": "v0"/],
      [{ version: "v0", s3ObjectKey: "k" }, /s3ObjectKey/],
      [{ version: "v0", dataBlobStringEncodedInBase64: "a b=" }, /not base64/],
      [{ version: "v0", dataBlobStringEncodedInBase64: "YWJ" }, /not base64/],
      [{ version: "v0", dataBlobStringEncodedInBase64: 1 }, /not base64/],
      [{ version: "v0", metadataUpdates: {} }, /no list/],
      [{ version: "v0", metadataUpdates: Array(501).fill(0) }, /more than 500/],
      [{ version: "v0", metadataUpdates: [1] }, /without a name/],
    ];
    for (const [answer, reason] of cases) {
      const parsed = parse(answer);
      assert.ok(typeof parsed === "string" && reason.test(parsed), JSON.stringify(parsed));
    }
    assert.match(String(parseHookAnswer(Buffer.from("no JSON"), fields)), /JSON object/);
  });

  test("sets fields of the index only, to values that they take", () => {
    assert.match(String(update("city", { stringValue: "x" })), /"city".*no field/);
    assert.match(String(update("_data_source_id", { stringValue: "x" })), /no field/);
    assert.match(String(update("_category", { longValue: 1 })), /no STRING/);
    assert.match(String(update("_category", {})), /no STRING/);
    assert.match(String(update("_category", { stringValue: "x", longValue: 1 })), /no STRING/);
    assert.match(String(update("_category", { stringValue: "x".repeat(2049) })), /no STRING/);
    assert.match(String(update("_category", { stringValue: "\ud800" })), /no STRING/);
    assert.match(String(update("_authors", { stringListValue: [1] })), /no STRING_LIST/);
    assert.match(String(update("_view_count", { longValue: 1.5 })), /no NUMBER/);
    assert.match(String(update("_created_at", { dateValue: "soon" })), /no DATE/);
  });

  test("whatever it is, becomes an answer or a reason", () => {
    const item = fc.record({ name: fc.constantFrom("_category", "x", 1), value: fc.jsonValue() });
    const answer = fc.record(
      {
        version: fc.constantFrom("v0", 0),
        dataBlobStringEncodedInBase64: fc.oneof(fc.base64String(), fc.jsonValue()),
        metadataUpdates: fc.oneof(fc.array(item), fc.jsonValue()),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(fc.oneof(answer, fc.jsonValue()), (value) => {
        const parsed = parse(value);
        assert.ok(typeof parsed === "string" ? parsed !== "" : Array.isArray(parsed.updates));
      }),
      { numRuns: 500 },
    );
  });
});

test("updates add or replace attributes, and the title's attribute sets the title", () => {
  const before = {
    documentId: "d",
    title: "old",
    attributes: [{ name: "_category", value: { stringValue: "a" } }],
  };
  const { title, attributes } = withUpdates(before, [
    { name: "_document_title", value: { stringValue: "new" } },
    { name: "_category", value: { stringValue: "b" } },
  ]);
  assert.equal(title, "new");
  assert.deepEqual(attributes, [
    { name: "_category", value: { stringValue: "b" } },
    { name: "_document_title", value: { stringValue: "new" } },
  ]);
});

test("a text goes to the second function and back in the documented form", () => {
  assert.equal(textContent("a").toString(), '{"textContent":{"documentBodyText":"a"}}');
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), (text) => {
      assert.equal(parseTextContent(textContent(text)), text);
    }),
  );
  for (const other of ["", "text", "[]", "{}", '{"textContent":1}', '{"textContent":{}}']) {
    assert.equal(parseTextContent(Buffer.from(other)), undefined, other);
  }
});
