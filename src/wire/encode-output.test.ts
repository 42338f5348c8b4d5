import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeError, encodeOutput, toApiError } from "./encode-output.ts";
import { apiError, notImplemented, unknownOperation } from "./errors.ts";

test("dates become epoch seconds, bytes base64, and absent members are left out", () => {
  const bytes = encodeOutput("GetMedia", {
    mediaBytes: new Uint8Array([255, 0]).subarray(0, 1),
    mediaMimeType: undefined,
  });
  assert.equal(bytes.toString(), '{"mediaBytes":"/w=="}');
  const application = encodeOutput("GetApplication", {
    applicationId: "a",
    createdAt: new Date(1_700_000_000_123),
    updatedAt: new Date(0),
    status: "ACTIVE",
  });
  assert.equal(
    application.toString(),
    '{"applicationId":"a","status":"ACTIVE","createdAt":1700000000.123,"updatedAt":0}',
  );
  assert.equal(encodeOutput("DeleteApplication", {}).toString(), "{}");
});

test("what the contract does not know never leaves", () => {
  const row = { applicationId: "a", secret: "s", error: { errorMessage: "m", stack: "t" } };
  assert.equal(
    encodeOutput("GetApplication", row).toString(),
    '{"applicationId":"a","error":{"errorMessage":"m"}}',
  );
});

test("empty lists stay lists, and a sparse list keeps its nulls", () => {
  const chat = encodeOutput("ChatSync", { sourceAttributions: [], failedAttachments: [] });
  assert.equal(chat.toString(), '{"sourceAttributions":[],"failedAttachments":[]}');
  const sparse = encodeOutput("ChatSync", { sourceAttributions: [null, { title: "t" }] });
  assert.equal(sparse.toString(), '{"sourceAttributions":[null,{"title":"t"}]}');
});

test("a value of another type than the contract's is a bug, not an answer", () => {
  const wrong: readonly unknown[] = [
    { applicationId: 7 },
    { createdAt: "2023-11-14T22:13:20Z" },
    { createdAt: new Date(Number.NaN) },
    { attachmentsConfiguration: "on" },
    { clientIdsForOIDC: "one" },
    undefined,
  ];
  for (const output of wrong) {
    assert.throws(() => encodeOutput("GetApplication", output as object), {
      code: "ERR_ASSERTION",
    });
  }
});

test("an error has its status, its name in header and body, and its members", () => {
  const error = apiError("ConflictException", {
    message: "The index is being created.",
    resourceId: "i",
    resourceType: "INDEX",
  });
  const { status, headers, body } = encodeError(error, "request-1");
  assert.equal(status, 409);
  assert.deepEqual(headers, {
    "content-type": "application/json",
    "x-amzn-errortype": "ConflictException",
    "x-amzn-requestid": "request-1",
  });
  assert.deepEqual(JSON.parse(body.toString()), {
    __type: "ConflictException",
    message: "The index is being created.",
    resourceId: "i",
    resourceType: "INDEX",
  });
});

test("the compiler refuses a wrong member, a missing one and a wrong name", () => {
  // @ts-expect-error the resource is missing
  apiError("ConflictException", { message: "m" });
  // @ts-expect-error this exception has a message only
  apiError("ThrottlingException", { message: "m", resourceId: "i" });
  // @ts-expect-error not a reason of the contract
  apiError("ValidationException", { message: "m", reason: "OTHER" });
  assert.throws(() => {
    // @ts-expect-error not an exception of the contract
    throw apiError("NoSuchException", { message: "m" });
  });
});

test("front-door errors stand outside the model and have a message only", () => {
  for (const [name, status] of [
    ["MissingAuthenticationTokenException", 403],
    ["IncompleteSignatureException", 403],
    ["InvalidSignatureException", 403],
    ["UnrecognizedClientException", 403],
    ["ExpiredTokenException", 403],
    ["RequestExpired", 403],
    ["RequestEntityTooLargeException", 413],
  ] as const) {
    const encoded = encodeError(apiError(name, { message: "m" }), "r");
    assert.equal(encoded.status, status);
    assert.equal(encoded.headers["x-amzn-errortype"], name);
    assert.deepEqual(JSON.parse(encoded.body.toString()), { __type: name, message: "m" });
  }
});

test("a bug shows the client its request id and nothing else", () => {
  const bug = new Error("the password is swordfish");
  const { status, body, headers } = encodeError(bug, "request-9");
  assert.equal(status, 500);
  assert.equal(headers["x-amzn-errortype"], "InternalServerException");
  assert.ok(body.includes("request-9"));
  assert.ok(!body.includes("swordfish"));
  assert.equal(toApiError(bug, "request-9").cause, bug);
  assert.equal(encodeError(undefined, "r").status, 500);
});

test("what is not built and what does not exist are told apart by their texts", () => {
  assert.equal(
    notImplemented("CreatePlugin").message,
    "Quarry does not implement CreatePlugin yet; see docs/compatibility.md.",
  );
  for (const error of [notImplemented("CreatePlugin"), unknownOperation()]) {
    assert.equal(error.status, 400);
    assert.equal((error.members as { reason?: string }).reason, "UNKNOWN_OPERATION");
  }
});
