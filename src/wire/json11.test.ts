import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { decodeJson, encodeJson, encodeJsonError, jsonTarget } from "./json11.ts";
import { JsonError, jsonError } from "./json11-errors.ts";
import { blob, boolean, integer, list, oneOf, structure, text, textMap } from "./json11-shapes.ts";

const shape = structure(
  { Name: text({ min: 1, max: 5, pattern: /^[a-z]+$/ }) },
  {
    Count: integer({ min: 1, max: 9 }),
    IsOn: boolean,
    Bytes: blob({ max: 4 }),
    Kind: oneOf(["A", "B"]),
    Tags: list(structure({ Key: text() }, {}), { max: 2 }),
    Context: textMap({ max: 2 }),
  },
);

function read(body: unknown): unknown {
  return decodeJson(shape, Buffer.from(typeof body === "string" ? body : JSON.stringify(body)));
}

/** Code and message of a refusal. */
function refusalOf(body: unknown): string {
  try {
    read(body);
  } catch (error) {
    assert.ok(error instanceof JsonError, String(error));
    assert.equal(error.status, 400);
    return `${error.code}: ${error.message}`;
  }
  return assert.fail(`taken: ${JSON.stringify(body)}`);
}

test("a body is read by its shape; null is absent and strange members are passed over", () => {
  const body = {
    Name: "abc",
    Count: 9,
    IsOn: false,
    Bytes: "AQID",
    Kind: "B",
    Tags: [{ Key: "a", More: 1 }],
    Context: { a: "b" },
    More: {},
  };
  const Bytes = Buffer.of(1, 2, 3);
  const { More: _more, ...kept } = body;
  assert.deepEqual(read(body), { ...kept, Bytes, Tags: [{ Key: "a" }] });
  assert.deepEqual(read({ Name: "abc", Count: null }), { Name: "abc" });
});

test("broken constraints are named together, in the words of the service", () => {
  const wrong = { Count: 10, Kind: "C", Tags: [{}, { Key: "a" }], Bytes: "AQIDBAU=" };
  assert.equal(
    refusalOf(wrong),
    "ValidationException: 5 validation errors detected: " +
      "Value at 'name' failed to satisfy constraint: Member must not be null; " +
      "Value at 'count' failed to satisfy constraint: Member must have value less than or equal to 9; " +
      "Value at 'bytes' failed to satisfy constraint: Member must have length less than or equal to 4; " +
      "Value at 'kind' failed to satisfy constraint: Member must satisfy enum value set: [A, B]; " +
      "Value at 'tags.1.member.key' failed to satisfy constraint: Member must not be null",
  );
  for (const Name of ["", "abcdef", "ABC"])
    assert.match(refusalOf({ Name }), /^Validation.*'name'/);
  const Tags = [{ Key: "a" }, { Key: "b" }, { Key: "c" }];
  assert.match(refusalOf({ Name: "a", Tags }), /'tags'.*less than or equal to 2/);
  const Context = { a: "", b: "", c: "" };
  assert.match(refusalOf({ Name: "a", Context }), /'context'.*less than or equal to 2/);
});

test("a value of another type and a body that is no object cannot be read at all", () => {
  const rows = [
    { Name: 1 },
    { Name: "a", Count: "1" },
    { Name: "a", Count: 1.5 },
    { Name: "a", IsOn: "true" },
    { Name: "a", Bytes: "no base64" },
    { Name: "a", Bytes: [1] },
    { Name: "a", Kind: 1 },
    { Name: "a", Tags: {} },
    { Name: "a", Tags: ["a"] },
    { Name: "a", Context: [] },
    { Name: "a", Context: { a: 1 } },
    [],
    "{",
    '"text"',
    "\u00ff{}",
    "[".repeat(10_000),
  ];
  for (const row of rows) assert.match(refusalOf(row), /^SerializationException/, String(row));
  const latin = () => decodeJson(shape, Buffer.of(0x7b, 0xff, 0x7d));
  assert.throws(latin, { code: "SerializationException" });
  assert.match(refusalOf(""), /^ValidationException/);
});

test("nothing that JSON can say is answered by anything but a value or a modelled error", () => {
  const names = fc.constantFrom("Name", "Count", "IsOn", "Bytes", "Kind", "Tags", "Context");
  const body = fc.dictionary(fc.oneof(names, fc.string()), fc.jsonValue({ maxDepth: 3 }));
  const law = fc.property(body, (any) => {
    try {
      read(any);
    } catch (error) {
      assert.ok(error instanceof JsonError, String(error));
    }
  });
  fc.assert(law, { numRuns: 500 });
});

test("names of an object's own machinery are names like any other", () => {
  const Context = JSON.parse('{"__proto__":"a","constructor":"b"}') as unknown;
  const { Context: got } = read({ Name: "a", Context }) as { readonly Context: object };
  assert.deepEqual(Object.entries(got), [
    ["__proto__", "a"],
    ["constructor", "b"],
  ]);
});

test("an operation is named by a POST to the root, and by nothing else", () => {
  const request = { method: "POST", path: "/", target: "TrentService.Encrypt" };
  assert.equal(jsonTarget("TrentService", request), "Encrypt");
  const wrong = [
    { method: "GET" },
    { path: "/?a" },
    { target: undefined },
    { target: "Encrypt" },
    { target: "TrentService." },
    { target: "TrentService.Encrypt.More" },
    { target: "OtherService.Encrypt" },
    { target: "TrentService.En crypt" },
    { target: `TrentService.${"E".repeat(65)}` },
  ];
  for (const one of wrong) {
    const name = () => jsonTarget("TrentService", { ...request, ...one });
    assert.throws(name, { code: "UnknownOperationException" }, JSON.stringify(one));
  }
});

test("answers carry seconds and base64, and errors nothing that is not for clients", () => {
  const at = new Date(1_700_000_000_250);
  const output = {
    At: at,
    Bytes: Uint8Array.of(1, 2),
    List: [{ At: at, None: undefined }],
    Zero: 0,
  };
  const { status, headers, body } = encodeJson(output, "r-1");
  assert.equal(status, 200);
  assert.deepEqual(headers, {
    "content-type": "application/x-amz-json-1.1",
    "x-amzn-requestid": "r-1",
  });
  assert.deepEqual(JSON.parse(body.toString()), {
    At: 1_700_000_000.25,
    Bytes: "AQI=",
    List: [{ At: 1_700_000_000.25 }],
    Zero: 0,
  });
  assert.equal(encodeJson(undefined, "r-1").body.length, 0);
  const known = encodeJsonError(jsonError("DisabledException", "It is disabled."), "r-1");
  assert.deepEqual(
    [known.status, JSON.parse(known.body.toString())],
    [400, { __type: "DisabledException", message: "It is disabled." }],
  );
  const bug = encodeJsonError(new Error("the secret is x"), "r-1");
  assert.equal(bug.status, 500);
  assert.match(bug.body.toString(), /KMSInternalException.*r-1/);
  assert.ok(!bug.body.toString().includes("secret"));
});
