import assert from "node:assert/strict";
import { test } from "node:test";
import type { Document, DocumentAttributeValue } from "../contract/contract.ts";
import { checkDocument, type Intake, objectSource } from "./document-intake.ts";
import { type IndexField, reservedFields } from "./index-record.ts";

const own: readonly IndexField[] = [
  { name: "cities", type: "STRING_LIST", search: "ENABLED" },
  { name: "pages", type: "NUMBER", search: "DISABLED" },
  { name: "due", type: "DATE", search: "DISABLED" },
];
const fields = new Map([...reservedFields, ...own].map((field) => [field.name, field]));

function check(document: Partial<Document>, dataSourceId = "") {
  const whole = { id: "d", content: { blob: Buffer.from("x") }, ...document };
  return checkDocument(whole, { fields, dataSourceId });
}

function taken(document: Partial<Document>, dataSourceId = ""): Intake {
  const intake = check(document, dataSourceId);
  assert.ok(!("errorCode" in intake), JSON.stringify(intake));
  return intake;
}

function valueOf(name: string, value: DocumentAttributeValue): unknown {
  const { attributes } = taken({ attributes: [{ name, value }] });
  return attributes.find((one) => one.name === name)?.value;
}

const date = new Date("2026-01-07T08:00:00Z");
const accepted: readonly (readonly [string, DocumentAttributeValue, DocumentAttributeValue])[] = [
  ["_category", { stringValue: "a" }, { stringValue: "a" }],
  ["_category", { stringValue: "" }, { stringValue: "" }],
  ["cities", { stringListValue: ["a", "b"] }, { stringListValue: ["a", "b"] }],
  ["cities", { stringValue: "a" }, { stringListValue: ["a"] }],
  ["pages", { longValue: 5 }, { longValue: 5 }],
  ["pages", { stringValue: "-12" }, { longValue: -12 }],
  ["pages", { stringValue: "9007199254740991" }, { longValue: Number.MAX_SAFE_INTEGER }],
  ["due", { dateValue: date }, { dateValue: date }],
  ["due", { stringValue: "2026-01-07T09:00:00+01:00" }, { dateValue: date }],
  ["due", { stringValue: "2026-01-07T08:00:00" }, { dateValue: date }],
  ["due", { stringValue: "2026-01-07" }, { dateValue: new Date("2026-01-07T00:00:00Z") }],
  ["due", { stringValue: "2024-02-29T08:00Z" }, { dateValue: new Date("2024-02-29T08:00:00Z") }],
];
for (const [name, given, stored] of accepted) {
  test(`${JSON.stringify(given)} is a value for ${name}`, () => {
    assert.deepEqual(valueOf(name, given), stored);
  });
}

const refused: readonly (readonly [string, DocumentAttributeValue])[] = [
  ["_category", { longValue: 5 }],
  ["_category", { stringListValue: ["a"] }],
  ["cities", { longValue: 5 }],
  ["pages", { stringValue: "1.5" }],
  ["pages", { stringValue: "1e3" }],
  ["pages", { stringValue: "" }],
  ["pages", { stringValue: "9".repeat(20) }],
  ["pages", { stringValue: "9007199254740993" }],
  ["due", { stringValue: "tomorrow" }],
  ["due", { stringValue: "2026-13-01" }],
  ["due", { stringValue: "2026-02-30" }],
  ["due", { stringValue: "2026-02-30T08:00:00Z" }],
  ["due", { stringValue: "2026-02-28T24:00:00Z" }],
  ["due", { stringValue: "2026-02-28T08:00:00+99:99" }],
  ["due", { stringValue: "2026-01-07 08:00" }],
  ["due", { longValue: 5 }],
  ["unknown", { stringValue: "a" }],
];
for (const [name, value] of refused) {
  test(`${JSON.stringify(value)} is no value for ${name}`, () => {
    const failure = check({ attributes: [{ name, value }] });
    assert.ok("errorCode" in failure);
    assert.equal(failure.errorCode, "InvalidRequest");
    assert.ok(failure.errorMessage.includes(name));
  });
}

test("of a repeated attribute the last one wins", () => {
  const { attributes } = taken({
    attributes: [
      { name: "_category", value: { stringValue: "first" } },
      { name: "_category", value: { stringValue: "last" } },
    ],
  });
  const values = attributes.filter(({ name }) => name === "_category").map(({ value }) => value);
  assert.deepEqual(values, [{ stringValue: "last" }]);
});

test("the title is the given one, else the object's name, else the id", () => {
  const object = (key: string) => ({ s3: { bucket: "b-1", key } });
  assert.equal(taken({ title: "T" }).title, "T");
  assert.equal(taken({ content: object("a/b/c.pdf") }).title, "c.pdf");
  assert.equal(taken({ content: object("a/b/") }).title, "b");
  assert.equal(taken({}).title, "d");
});

test("the service sets title, language and source where the document does not", () => {
  const plain = taken({ title: "T" }, "source").attributes;
  assert.deepEqual(plain, [
    { name: "_document_title", value: { stringValue: "T" } },
    { name: "_language_code", value: { stringValue: "en" } },
    { name: "_data_source_id", value: { stringValue: "source" } },
  ]);
  assert.equal(taken({}).attributes.length, 2, "no source for documents put directly");
  const own = { name: "_language_code", value: { stringValue: "de" } };
  assert.deepEqual(
    taken({ attributes: [own] }).attributes.filter(({ name }) => name === own.name),
    [own],
  );
});

test("what cannot be taken says what to do", () => {
  const without = checkDocument({ id: "d" }, { fields, dataSourceId: "" });
  assert.ok("errorCode" in without && /content/.test(without.errorMessage));
  const nameless = check({
    accessConfiguration: { accessControls: [{ principals: [{ user: { access: "ALLOW" } }] }] },
  });
  assert.ok("errorCode" in nameless && /no name/.test(nameless.errorMessage));
});

test("media that would have to be extracted are refused, not passed over", () => {
  const off = { imageExtractionConfiguration: { imageExtractionStatus: "DISABLED" } } as const;
  assert.equal(taken({ mediaExtractionConfiguration: off }).documentId, "d");
  for (const on of [
    { imageExtractionConfiguration: { imageExtractionStatus: "ENABLED" } },
    { audioExtractionConfiguration: { audioExtractionStatus: "ENABLED" } },
    { ...off, videoExtractionConfiguration: { videoExtractionStatus: "ENABLED" } },
  ] as const) {
    const failure = check({ mediaExtractionConfiguration: on });
    assert.ok("errorCode" in failure, JSON.stringify(on));
    assert.equal(failure.errorCode, "InvalidRequest");
    assert.match(failure.errorMessage, /^mediaExtractionConfiguration of document "d": .*DISABLED/);
  }
});

test("content in a bucket needs a role, content in the request does not", () => {
  const inBucket = { id: "d", content: { s3: { bucket: "b-1", key: "k" } } };
  const application = { applicationArn: "arn:app" };
  const failure = objectSource(inBucket, { ...application, roleArn: undefined });
  assert.ok(failure !== undefined && "errorCode" in failure);
  assert.deepEqual(objectSource(inBucket, { ...application, roleArn: "arn:role" }), {
    bucket: "b-1",
    objectKey: "k",
    roleArn: "arn:role",
    applicationArn: "arn:app",
  });
  const inline = { id: "d", content: { blob: Buffer.from("x") } };
  assert.equal(objectSource(inline, { ...application, roleArn: undefined }), undefined);
});
