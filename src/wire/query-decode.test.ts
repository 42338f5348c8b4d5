import assert from "node:assert/strict";
import { test } from "node:test";
import { queryContracts, type QueryService, queryShapeOf } from "../contract/contract.ts";
import { decodeQueryRequest } from "./query-decode.ts";
import { QueryError } from "./query-errors.ts";

const versions = { iam: "2010-05-08", sts: "2011-06-15" } as const;

function decode(text: string, service: QueryService = "iam"): unknown {
  const body = Buffer.from(`${text}&Version=${versions[service]}`);
  return decodeQueryRequest(service, { query: "", body }).input;
}

function refusal(run: () => unknown): { readonly code: string; readonly message: string } {
  try {
    run();
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    return { code: error.code, message: error.message };
  }
  return assert.fail("nothing was refused");
}

test("a form becomes a typed input: texts, numbers, lists, structures", () => {
  const tags =
    "Tags.member.1.Key=a&Tags.member.1.Value=b+c&Tags.member.2.Key=d&Tags.member.2.Value=";
  const rest = "RoleName=R&AssumeRolePolicyDocument=%7B%7D&MaxSessionDuration=7200";
  assert.deepEqual(decode(`Action=CreateRole&${rest}&${tags}`), {
    RoleName: "R",
    AssumeRolePolicyDocument: "{}",
    MaxSessionDuration: 7200,
    Tags: [
      { Key: "a", Value: "b c" },
      { Key: "d", Value: "" },
    ],
  });
});

test("lists are read in the order of their numbers, gaps and order of arrival aside", () => {
  const keys = "TagKeys.member.10=c&TagKeys.member.2=b&TagKeys.member.1=a";
  assert.deepEqual(decode(`Action=UntagRole&RoleName=R&${keys}`), {
    RoleName: "R",
    TagKeys: ["a", "b", "c"],
  });
});

test("an empty list travels as a name without a value", () => {
  assert.deepEqual(decode("Action=TagRole&RoleName=R&Tags="), { RoleName: "R", Tags: [] });
});

test("nested lists of structures are read", () => {
  const entry = "ContextEntries.member.1";
  const { ContextEntries } = decode(
    "Action=SimulateCustomPolicy&PolicyInputList.member.1=%7B%7D&ActionNames.member.1=s3:GetObject" +
      `&${entry}.ContextKeyName=aws:TagKeys&${entry}.ContextKeyType=stringList` +
      `&${entry}.ContextKeyValues.member.1=x&${entry}.ContextKeyValues.member.2=y`,
  ) as { ContextEntries: unknown };
  assert.deepEqual(ContextEntries, [
    { ContextKeyName: "aws:TagKeys", ContextKeyType: "stringList", ContextKeyValues: ["x", "y"] },
  ]);
});

test("parameters may come in the query string, and unknown ones are passed over", () => {
  const query = "Action=GetRole&Version=2010-05-08&RoleName=R%C3%A9&X-Amz-Date=1&Colour.member.9=x";
  const { faults } = {
    faults: refusal(() => decodeQueryRequest("iam", { query, body: Buffer.of() })),
  };
  assert.match(faults.message, /'Ré' at 'roleName'/);
  const good = query.replace("%C3%A9", "2");
  const request = decodeQueryRequest("iam", { query: good, body: Buffer.of() });
  assert.deepEqual(request, { service: "iam", action: "GetRole", input: { RoleName: "R2" } });
});

test("refusals read as the service's", () => {
  const long = "x".repeat(65);
  const rows: readonly (readonly [string, string, string])[] = [
    ["", "MissingAction", "The request is missing an action."],
    ["Action=", "MissingAction", "The request is missing an action."],
    ["Action=Nope", "InvalidAction", "Could not find operation Nope for version 2010-05-08"],
    [
      "Action=toString",
      "InvalidAction",
      "Could not find operation toString for version 2010-05-08",
    ],
    [
      "Action=GetRole",
      "ValidationError",
      "1 validation error detected: Value null at 'roleName' failed to satisfy constraint: Member must not be null",
    ],
    [
      `Action=GetRole&RoleName=${long}`,
      "ValidationError",
      `1 validation error detected: Value '${long}' at 'roleName' failed to satisfy constraint: Member must have length less than or equal to 64`,
    ],
    [
      "Action=GetRole&RoleName=",
      "ValidationError",
      "1 validation error detected: Value '' at 'roleName' failed to satisfy constraint: Member must have length greater than or equal to 1",
    ],
    [
      "Action=GetRole&RoleName=a/b",
      "ValidationError",
      "1 validation error detected: Value 'a/b' at 'roleName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]+",
    ],
    [
      "Action=UpdateAccessKey&AccessKeyId=AKIA&Status=On",
      "ValidationError",
      "2 validation errors detected: Value 'AKIA' at 'accessKeyId' failed to satisfy constraint: Member must have length greater than or equal to 16; Value 'On' at 'status' failed to satisfy constraint: Member must satisfy enum value set: [Active, Inactive, Expired]",
    ],
    [
      "Action=ListRoles&MaxItems=1001",
      "ValidationError",
      "1 validation error detected: Value '1001' at 'maxItems' failed to satisfy constraint: Member must have value less than or equal to 1000",
    ],
    [
      "Action=ListRoles&MaxItems=1e3",
      "ValidationError",
      "1 validation error detected: Value '1e3' at 'maxItems' failed to satisfy constraint: Member must be a whole number",
    ],
    [
      "Action=TagRole&RoleName=R&Tags.member.1.Value=x",
      "ValidationError",
      "1 validation error detected: Value null at 'tags.1.member.key' failed to satisfy constraint: Member must not be null",
    ],
    [
      "Action=TagRole&RoleName=R&Tags=x",
      "ValidationError",
      "1 validation error detected: Value at 'tags' failed to satisfy constraint: Member must be a list: .member.N",
    ],
    [
      "Action=GetRole&RoleName.member.1=R",
      "ValidationError",
      "1 validation error detected: Value at 'roleName' failed to satisfy constraint: Member must be a single value",
    ],
    [
      "Action=CreatePolicyVersion&PolicyArn=arn:aws:iam::aws:policy/P&PolicyDocument=x&SetAsDefault=yes",
      "ValidationError",
      "1 validation error detected: Value 'yes' at 'setAsDefault' failed to satisfy constraint: Member must satisfy enum value set: [true, false]",
    ],
    [
      "Action=GetRole&RoleName=a&RoleName=b",
      "MalformedQueryString",
      "The query string contains a syntax error: a parameter stands twice.",
    ],
    [
      "Action=GetRole&RoleName=%zz",
      "MalformedQueryString",
      "The query string contains a syntax error: an escape is broken or no UTF-8.",
    ],
    [
      `Action=GetRole&${"a".repeat(513)}=1`,
      "MalformedQueryString",
      "The query string contains a syntax error: a parameter's name is longer than 512 characters.",
    ],
    [
      `Action=GetRole&${"a.".repeat(12)}b=1`,
      "MalformedQueryString",
      "The query string contains a syntax error: a parameter has more than 12 parts.",
    ],
    [
      `Action=GetRole&${"a=1&".repeat(5000)}`,
      "MalformedQueryString",
      "The query string contains a syntax error: a parameter stands twice.",
    ],
  ];
  for (const [text, code, message] of rows) {
    assert.deepEqual(
      refusal(() => decode(text)),
      { code, message },
      text,
    );
  }
});

test("another version, or none, has no operations", () => {
  const read = (query: string): unknown => decodeQueryRequest("sts", { query, body: Buffer.of() });
  const code = "InvalidAction";
  assert.deepEqual(
    refusal(() => read("Action=GetCallerIdentity&Version=2010-05-08")),
    { code, message: "Could not find operation GetCallerIdentity for version 2010-05-08" },
  );
  assert.deepEqual(
    refusal(() => read("Action=GetCallerIdentity")),
    {
      code,
      message: "Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED",
    },
  );
});

test("one parameter too many and bytes that are no UTF-8 are refused", () => {
  const many = Array.from({ length: 5001 }, (_, at) => `p${at}=1`).join("&");
  assert.match(refusal(() => decode(many)).message, /more than 5000 parameters/);
  const body = Buffer.from([0x41, 0x3d, 0xff]);
  const { code } = refusal(() => decodeQueryRequest("iam", { query: "", body }));
  assert.equal(code, "MalformedQueryString");
});

test("a secret is not repeated, and nothing is repeated at length", () => {
  const token =
    "Action=AssumeRoleWithWebIdentity&RoleArn=arn:aws:iam::123456789012:role/R&RoleSessionName=ss";
  const { message } = refusal(() => decode(`${token}&WebIdentityToken=abc`, "sts"));
  assert.match(message, /: Value at 'webIdentityToken' failed/);
  const long = refusal(() => decode(`Action=GetRole&RoleName=${"y".repeat(100_000)}`));
  assert.ok(long.message.length < 500, String(long.message.length));
});

/** Values just beyond what a shape allows. */
function badTexts(service: QueryService, name: string): readonly string[] {
  const shape = queryShapeOf(service, name);
  if (shape.type === "integer") {
    const [min, max] = shape.range ?? [null, null];
    const beyond = [min === null ? null : min - 1, max === null ? null : max + 1];
    return ["x", "1.5", "99999999999", ...beyond.filter((n) => n !== null).map(String)];
  }
  if (shape.type === "enum" || shape.type === "boolean") return ["No such value"];
  if (shape.type === "timestamp") return ["yesterday"];
  if (shape.type !== "string") return [];
  const [min, max] = shape.length ?? [null, null];
  return [
    ...(min === null || min < 1 ? [] : ["a".repeat(min - 1)]),
    ...(max === null ? [] : ["a".repeat(max + 1)]),
    ...(shape.pattern === undefined ? [] : ["\u0000".repeat(Math.max(min ?? 1, 1))]),
  ];
}

test("one step beyond every published limit is refused by the name of its member", () => {
  let count = 0;
  for (const service of ["iam", "sts"] as const) {
    for (const [action, { input }] of Object.entries(queryContracts[service].operations)) {
      const shape = input === undefined ? undefined : queryShapeOf(service, input);
      if (shape?.type !== "structure") continue;
      for (const [member, target] of Object.entries(shape.members)) {
        const at = member.charAt(0).toLowerCase() + member.slice(1);
        const cases = badTexts(service, target).map((text) => ({ text, at }));
        for (const { text } of cases) {
          const form = `Action=${action}&${member}=${encodeURIComponent(text)}`;
          const { code, message } = refusal(() => decode(form, service));
          assert.equal(code, "ValidationError", `${action}.${member}`);
          assert.ok(message.includes(` at '${at}' failed to satisfy constraint: `), message);
          count += 1;
        }
        if (!shape.required.includes(member)) continue;
        assert.match(
          refusal(() => decode(`Action=${action}`, service)).message,
          new RegExp(`Value null at '${at}' failed`),
        );
        count += 1;
      }
    }
  }
  assert.ok(count >= 690, `only ${count} cases seen`);
});

/** Numbers from a seed: the same seed makes the same requests. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return ((state ^ (state >>> 13)) >>> 0) % below;
  };
}

test("100,000 random requests are read or refused with a modelled error, none slowly", (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const below = randomFrom(seed);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  const services: readonly QueryService[] = ["iam", "sts"];
  const names = { iam: membersOf("iam"), sts: membersOf("sts") };
  const odd = ["", "-1", "0", "999999999999", "__proto__", "constructor", "%00", "%", "+", "%ff"];
  const values = [
    ...odd,
    "1",
    "true",
    "Reader",
    "arn:aws:iam::123456789012:role/R",
    "%F0%9F%90%9F",
  ];
  const seen = new Map<string, number>();
  let slowestMs = 0;
  for (let run = 0; run < 100_000; run += 1) {
    const service = pick(services);
    const action = pick(Object.keys(queryContracts[service].operations));
    const nameOf = (): string => {
      const parts = [below(12) === 0 ? pick(odd) : pick(names[service])];
      while (below(3) === 0) parts.push(pick(["member", "1", "2", "Key", "Value", pick(odd)]));
      return parts.join(".");
    };
    const pairs = Array.from({ length: below(8) }, () => `${nameOf()}=${pick(values)}`);
    const bytes = Buffer.from(pairs.join("&"));
    if (below(10) === 0 && bytes.length > 0) bytes[below(bytes.length)] = below(256);
    const query = `Action=${action}&Version=${versions[service]}`;
    const from = performance.now();
    let outcome = "read";
    try {
      decodeQueryRequest(service, { query, body: bytes });
    } catch (error) {
      if (!(error instanceof QueryError)) throw error;
      outcome = error.code;
    }
    slowestMs = Math.max(slowestMs, performance.now() - from);
    seen.set(outcome, (seen.get(outcome) ?? 0) + 1);
  }
  assert.deepEqual([...seen.keys()].toSorted(), [
    "MalformedQueryString",
    "ValidationError",
    "read",
  ]);
  assert.ok(
    [...seen.values()].every((count) => count > 1000),
    JSON.stringify([...seen]),
  );
  // A busy machine may pause any of them; a hang is longer than this.
  assert.ok(slowestMs < 500, `the slowest took ${slowestMs} ms`);
});

function membersOf(service: QueryService): readonly string[] {
  const inputs = Object.values(queryContracts[service].operations).flatMap(
    ({ input }) => input ?? [],
  );
  const members = inputs.flatMap((input) => {
    const shape = queryShapeOf(service, input);
    return shape.type === "structure" ? Object.keys(shape.members) : [];
  });
  return [...new Set(members)];
}

test("patterns take linear time on the longest text that reaches them", () => {
  const from = performance.now();
  const path = `/${"a/".repeat(255)}\u0001`;
  refusal(() =>
    decode(`Action=CreatePolicy&PolicyName=p&PolicyDocument=x&Path=${encodeURIComponent(path)}`),
  );
  refusal(() => decode(`Action=ListRoles&PathPrefix=${encodeURIComponent(path)}`));
  const document = encodeURIComponent(`${"x".repeat(131_071)}\u0001`);
  refusal(() => decode(`Action=PutRolePolicy&RoleName=R&PolicyName=p&PolicyDocument=${document}`));
  assert.ok(performance.now() - from < 500);
});
