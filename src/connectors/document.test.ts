import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDate, typedValue, type AttributeValue } from "./attribute-values.ts";
import {
  resolveDocument,
  sourceUri,
  type DocumentRules,
  type ResolvedDocument,
} from "./document.ts";
import { fileTypeOf } from "./file-type.ts";
import { parseMetadata, type Metadata } from "./metadata-file.ts";

const object = {
  key: "hr/Leave policy.pdf",
  sizeBytes: 5,
  etag: "e",
  lastModified: new Date("2026-01-02T03:04:05Z"),
};
const rules: DocumentRules = {
  bucket: "kb",
  dataSourceId: "ds-1",
  fieldMappings: [
    {
      indexFieldName: "s3_document_id",
      indexFieldType: "STRING",
      dataSourceFieldName: "s3_document_id",
    },
    { indexFieldName: "matter_number", indexFieldType: "LONG", dataSourceFieldName: "matter" },
  ],
  indexFields: new Map([
    ["region", "STRING"],
    ["tags", "STRING_LIST"],
    ["year", "NUMBER"],
    ["due", "DATE"],
  ]),
  sourceUriOf: (key) => sourceUri({ bucket: "kb", key }),
};

function metadataOf(members: object): Metadata {
  const parsed = parseMetadata(Buffer.from(JSON.stringify(members)));
  assert.ok("attributes" in parsed);
  return parsed;
}

function documentOf(members?: object): ResolvedDocument {
  const document = resolveDocument(object, members && metadataOf(members), rules);
  assert.ok(!("error" in document), JSON.stringify(document));
  return document;
}

const valuesOf = ({ attributes }: ResolvedDocument): Record<string, AttributeValue> =>
  Object.fromEntries(attributes.map(({ name, value }) => [name, value]));

test("without metadata a document has the connector's defaults", () => {
  const document = documentOf();
  assert.equal(document.documentId, "s3://kb/hr/Leave policy.pdf");
  assert.equal(document.title, "Leave policy.pdf");
  assert.deepEqual(valuesOf(document), {
    _document_title: { stringValue: "Leave policy.pdf" },
    _created_at: { dateValue: object.lastModified },
    _last_updated_at: { dateValue: object.lastModified },
    _data_source_id: { stringValue: "ds-1" },
    _language_code: { stringValue: "en" },
    _file_type: { stringValue: "PDF" },
    _source_uri: { stringValue: "https://kb.s3.amazonaws.com/hr/Leave%20policy.pdf" },
    s3_document_id: { stringValue: "hr/Leave policy.pdf" },
  });
});

test("metadata replaces the defaults, and reserved names that are not its own are ignored", () => {
  const document = documentOf({
    DocumentId: "leave-1",
    Title: "Leave",
    ContentType: "MD",
    Attributes: {
      _source_uri: "https://intranet.example.com/leave",
      _created_at: "2026-01-07T09:00:00+01:00",
      _view_count: 12,
      _authors: ["R. Okafor"],
      _data_source_id: "other",
      _document_id: "other",
      _document_body: "other",
      _document_title: "Other",
      matter: "114",
      region: "EU",
    },
  });
  assert.equal(document.documentId, "leave-1");
  assert.equal(document.contentType, "MD");
  const values = valuesOf(document);
  assert.deepEqual(values["_document_title"], { stringValue: "Leave" });
  assert.deepEqual(values["_source_uri"], { stringValue: "https://intranet.example.com/leave" });
  assert.deepEqual(values["_created_at"], { dateValue: new Date("2026-01-07T08:00:00Z") });
  assert.deepEqual(values["_view_count"], { longValue: 12 });
  assert.deepEqual(values["_data_source_id"], { stringValue: "ds-1" });
  assert.deepEqual(values["matter_number"], { longValue: 114 });
  assert.equal(values["_document_id"] ?? values["_document_body"] ?? values["matter"], undefined);
});

test("the file type is what the metadata say, then what the key ends in", () => {
  const typeOf = (members?: object): unknown => valuesOf(documentOf(members))["_file_type"];
  assert.deepEqual(typeOf(), { stringValue: "PDF" });
  assert.deepEqual(typeOf({ ContentType: "MD" }), { stringValue: "MD" });
  const both = { ContentType: "MD", Attributes: { _file_type: "Memo" } };
  assert.deepEqual(typeOf(both), { stringValue: "Memo" });
  const nameless = resolveDocument({ ...object, key: "hr/leave" }, undefined, rules);
  assert.ok(!("error" in nameless));
  assert.equal(valuesOf(nameless)["_file_type"], undefined);
});

test("a title among the attributes counts where no other is given", () => {
  assert.equal(documentOf({ Attributes: { _document_title: "From CSV" } }).title, "From CSV");
});

test("an attribute without a field fails the document, one of a wrong type its metadata", () => {
  const failureOf = (Attributes: object): string => {
    const document = resolveDocument(object, metadataOf({ Attributes }), rules);
    return "code" in document ? document.code : "none";
  };
  assert.equal(failureOf({ nowhere: "x" }), "InvalidRequest");
  assert.equal(failureOf({ "bad name": "x" }), "InvalidRequest");
  assert.equal(failureOf({ __proto__x: "x", constructor: "y" }), "InvalidRequest");
  assert.equal(failureOf({ region: 5 }), "S3-5104");
  assert.equal(failureOf({ year: "soon" }), "S3-5104");
  assert.equal(failureOf({ due: "2026-02-30" }), "S3-5104");
  assert.equal(failureOf({ matter: ["a"] }), "S3-5104");
});

test("an id with a control character or too long is refused", () => {
  for (const key of ["a\nb", "a\u0000b", "a\u200Eb"]) {
    const document = resolveDocument({ ...object, key }, undefined, rules);
    assert.ok("code" in document && document.code === "InvalidRequest", JSON.stringify(key));
  }
  const longKey = resolveDocument({ ...object, key: "k".repeat(1818) }, undefined, rules);
  assert.ok("code" in longKey);
  const longest = resolveDocument({ ...object, key: "k".repeat(1817) }, undefined, rules);
  assert.ok(!("code" in longest));
});

test("values take the type of their field or none", () => {
  const rows: readonly [
    unknown,
    "STRING" | "STRING_LIST" | "NUMBER" | "DATE",
    AttributeValue | undefined,
  ][] = [
    ["x", "STRING", { stringValue: "x" }],
    [5, "STRING", undefined],
    [["x"], "STRING", undefined],
    ["x", "STRING_LIST", { stringListValue: ["x"] }],
    [["x", "y"], "STRING_LIST", { stringListValue: ["x", "y"] }],
    [5, "STRING_LIST", undefined],
    [5, "NUMBER", { longValue: 5 }],
    ["-12", "NUMBER", { longValue: -12 }],
    [1.5, "NUMBER", undefined],
    ["1e3", "NUMBER", undefined],
    ["0x10", "NUMBER", undefined],
    ["9007199254740993", "NUMBER", undefined],
    [5, "DATE", undefined],
    [["2026-01-01"], "DATE", undefined],
    ["2026-01-01", "DATE", { dateValue: new Date("2026-01-01T00:00:00Z") }],
  ];
  for (const [value, type, expected] of rows) {
    assert.deepEqual(
      typedValue(value as string, type),
      expected,
      `${JSON.stringify(value)} as ${type}`,
    );
  }
});

test("text beyond 2,048 characters is cut, never through a character", () => {
  const cut = (text: string): string => {
    const value = typedValue(text, "STRING");
    return value !== undefined && "stringValue" in value ? value.stringValue : "";
  };
  assert.equal(cut("x".repeat(2048)).length, 2048);
  assert.equal(cut("x".repeat(5000)).length, 2048);
  assert.equal(cut("\u{1F600}".repeat(3000)), "\u{1F600}".repeat(2048));
});

test("dates are ISO-8601, UTC where no zone is given, and exist", () => {
  const rows: readonly [string, string | undefined][] = [
    ["2026-01-07T09:00:00+01:00", "2026-01-07T08:00:00.000Z"],
    ["2026-01-07T09:00:00-0530", "2026-01-07T14:30:00.000Z"],
    ["2026-01-07T09:00", "2026-01-07T09:00:00.000Z"],
    ["2026-01-07T09:00:00.1234567Z", "2026-01-07T09:00:00.123Z"],
    ["2028-02-29", "2028-02-29T00:00:00.000Z"],
    ["2026-02-29", undefined],
    ["2026-13-01", undefined],
    ["2026-01-07T24:00:00Z", undefined],
    ["2026-01-07T09:00:60Z", undefined],
    ["2026-01-07 09:00", undefined],
    ["07.01.2026", undefined],
    ["2026-1-7", undefined],
    ["", undefined],
    ["2026-01-07T09:00:00+19:00", undefined],
    ["0050-01-01", undefined],
    ["tomorrow", undefined],
  ];
  for (const [text, expected] of rows) assert.equal(parseDate(text)?.toISOString(), expected, text);
});

test("an address escapes what a path cannot hold", () => {
  assert.equal(
    sourceUri({ bucket: "b", key: "a b/ü+?#%.pdf" }),
    "https://b.s3.amazonaws.com/a%20b/%C3%BC%2B%3F%23%25.pdf",
  );
  assert.equal(
    sourceUri({ bucket: "b", key: "x", endpoint: "http://store:9000/" }),
    "http://store:9000/b/x",
  );
  assert.equal(sourceUri({ bucket: "b", key: "\uD800" }), "https://b.s3.amazonaws.com/%EF%BF%BD");
});

test("an extension tells the type of the supported formats only", () => {
  const types = ["a.PDF", "a.docx", "x/b.htm", "a.xyz", "pdf", "a.constructor", "d.pdf/x"].map(
    fileTypeOf,
  );
  assert.deepEqual(types, ["PDF", "MS_WORD", "HTML", undefined, "PDF", undefined, undefined]);
});
