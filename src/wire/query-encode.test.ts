import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeQueryAnswer, encodeQueryError } from "./query-encode.ts";
import { queryError, queryRefusal } from "./query-errors.ts";

const requestId = "5f3c5a3e-0000-4000-8000-0123456789ab";

function xmlOf(request: Parameters<typeof encodeQueryAnswer>[0], output: unknown): string {
  return encodeQueryAnswer(request, output, requestId).body.toString();
}

test("an answer has its result, its namespace and its request id", () => {
  const output = { UserId: "AIDA", Account: "000000000000", Arn: "arn:aws:iam::000000000000:root" };
  const answer = encodeQueryAnswer(
    { service: "sts", action: "GetCallerIdentity" },
    output,
    requestId,
  );
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.headers, {
    "content-type": "text/xml",
    "x-amzn-requestid": requestId,
  });
  assert.equal(
    answer.body.toString(),
    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">' +
      "<GetCallerIdentityResult><UserId>AIDA</UserId><Account>000000000000</Account>" +
      "<Arn>arn:aws:iam::000000000000:root</Arn></GetCallerIdentityResult>" +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata>` +
      "</GetCallerIdentityResponse>\n",
  );
});

test("an action without output answers its request id alone", () => {
  assert.equal(
    xmlOf({ service: "iam", action: "DeleteRole" }, {}),
    '<DeleteRoleResponse xmlns="https://iam.amazonaws.com/doc/2010-05-08/">' +
      `<ResponseMetadata><RequestId>${requestId}</RequestId></ResponseMetadata></DeleteRoleResponse>\n`,
  );
});

test("lists are members, times have seconds, booleans are words, absent members are left out", () => {
  const CreateDate = new Date(Date.UTC(2026, 0, 2, 3, 4, 5, 678));
  const user = { Path: "/", UserName: "a", UserId: "AIDA", Arn: "arn:a", CreateDate };
  const xml = xmlOf(
    { service: "iam", action: "ListUsers" },
    { Users: [user, { ...user, Tags: [] }], IsTruncated: false, Marker: undefined },
  );
  assert.match(xml, /<Users><member><Path>\/<\/Path><UserName>a<\/UserName>/);
  assert.match(xml, /<CreateDate>2026-01-02T03:04:05Z<\/CreateDate><\/member><member>/);
  assert.match(
    xml,
    /<Tags\/><\/member><\/Users><IsTruncated>false<\/IsTruncated><\/ListUsersResult>/,
  );
  assert.doesNotMatch(xml, /Marker/);
});

test("maps are entries of key and value", () => {
  const SummaryMap = { Users: 3, Roles: 0 };
  assert.match(
    xmlOf({ service: "iam", action: "GetAccountSummary" }, { SummaryMap }),
    /<SummaryMap><entry><key>Users<\/key><value>3<\/value><\/entry><entry><key>Roles<\/key><value>0<\/value><\/entry><\/SummaryMap>/,
  );
});

test("policy documents are percent-encoded as RFC 3986 has it", () => {
  const PolicyDocument = '{"a":"é!\'()*~ "}\n';
  assert.match(
    xmlOf(
      { service: "iam", action: "GetRolePolicy" },
      { RoleName: "r", PolicyName: "p", PolicyDocument },
    ),
    /<PolicyDocument>%7B%22a%22%3A%22%C3%A9%21%27%28%29%2A~%20%22%7D%0A<\/PolicyDocument>/,
  );
});

test("no text can leave its element, and no character breaks the document", () => {
  const error = queryError("NoSuchEntity", '</Message>&<x a="1">\u0000\u001f\ud800\uffff\r');
  const { status, body } = encodeQueryError(error, { service: "iam", requestId });
  assert.equal(status, 404);
  assert.match(
    body.toString(),
    /<Message>&lt;\/Message&gt;&amp;&lt;x a=&quot;1&quot;&gt;\ufffd\ufffd\ufffd\ufffd&#13;<\/Message>/,
  );
});

test("errors say who is to blame", () => {
  const xml = (error: unknown): string =>
    encodeQueryError(error, { service: "sts", requestId }).body.toString();
  assert.equal(
    xml(queryError("AccessDenied", "no")),
    '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>' +
      `<Code>AccessDenied</Code><Message>no</Message></Error><RequestId>${requestId}</RequestId>` +
      "</ErrorResponse>\n",
  );
  assert.match(xml(queryError("ServiceUnavailable", "")), /<Type>Receiver<\/Type>.*<Message\/>/);
});

test("a bug is an InternalFailure that says nothing but the request id", () => {
  const { status, body } = encodeQueryError(new Error("secret"), { service: "iam", requestId });
  assert.equal(status, 500);
  assert.match(body.toString(), /<Type>Receiver<\/Type><Code>InternalFailure<\/Code>/);
  assert.match(body.toString(), new RegExp(requestId));
  assert.doesNotMatch(body.toString(), /secret/);
});

test("statuses are those of the API references", () => {
  const rows = {
    NoSuchEntity: 404,
    EntityAlreadyExists: 409,
    DeleteConflict: 409,
    LimitExceeded: 409,
    ConcurrentModification: 409,
    EntityTemporarilyUnmodifiable: 409,
    MalformedPolicyDocument: 400,
    InvalidInput: 400,
    UnmodifiableEntity: 400,
    PolicyNotAttachable: 400,
    ServiceFailure: 500,
    PolicyEvaluation: 500,
    PackedPolicyTooLarge: 400,
    RegionDisabledException: 403,
    ExpiredTokenException: 400,
    IDPRejectedClaim: 403,
    InvalidIdentityToken: 400,
    InvalidAction: 400,
    ValidationError: 400,
    Throttling: 400,
    AccessDenied: 403,
    InternalFailure: 500,
  } as const;
  for (const code of Object.keys(rows) as (keyof typeof rows)[]) {
    assert.equal(queryError(code, "").status, rows[code], code);
  }
  const refusal = queryRefusal({ code: "SignatureDoesNotMatch", status: 403, message: "m" });
  assert.deepEqual(
    [refusal.code, refusal.status, refusal.message],
    ["SignatureDoesNotMatch", 403, "m"],
  );
});
