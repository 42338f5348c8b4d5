import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import type { CompiledPolicy } from "./compile.ts";
import { evaluate } from "./evaluate.ts";
import type { KeyGrant } from "./key-grant.ts";
import { parsePolicy } from "./parse-policy.ts";
import type { PolicyKind } from "./policy.ts";
import type { Principal } from "./principal.ts";
import type { PolicySet } from "./request.ts";
import { compiled, document } from "./testing/policies.ts";

const account = "111122223333";
const object = "arn:aws:s3:::docs/a";
const alice: Principal = {
  type: "user",
  arn: `arn:aws:iam::${account}:user/alice`,
  account,
  name: "alice",
  uniqueId: "AIDAALICE0000001",
};

/** Runs a table: prints the count per rule, and names each row that comes out differently. */
function checkTable<Row extends readonly unknown[]>(
  t: TestContext,
  name: string,
  check: (row: Row) => string | undefined,
): number {
  const text = readFileSync(new URL(`cases/${name}.json`, import.meta.url), "utf8");
  const table = JSON.parse(text) as { rules: Record<string, Row[]> };
  const wrong: string[] = [];
  let count = 0;
  for (const [rule, rows] of Object.entries(table.rules)) {
    t.diagnostic(`${rule}: ${rows.length}`);
    count += rows.length;
    for (const row of rows) {
      const problem = check(row);
      if (problem !== undefined) wrong.push(`${rule}: ${JSON.stringify(row)}: ${problem}`);
    }
  }
  assert.deepEqual(wrong, []);
  return count;
}

/** Whether a single statement applies: an Allow then allows, a Deny then denies. */
function applies(
  statement: Readonly<Record<string, unknown>>,
  request: { action?: string; arn?: string; context?: Record<string, string | string[]> },
  version = "2012-10-17",
): boolean {
  const { action = "s3:GetObject", arn = object, context = {} } = request;
  const whole = { Effect: "Allow", Action: "*", ...statement };
  const stated = version === "" ? {} : { Version: version };
  const identity = compiled({ ...stated, Statement: [whole] });
  const resources = [{ arn, account }];
  const { decision } = evaluate({ principal: alice, action, resources, context }, { identity });
  return decision === (whole.Effect === "Deny" ? "explicitDeny" : "allow");
}

function differs(got: unknown, expected: unknown): string | undefined {
  return got === expected ? undefined : `got ${String(got)}`;
}

type ConditionRow = [string, unknown[], string | string[] | null, boolean, ("Allow" | "Deny")?];

test("conditions hold as the tables say", (t) => {
  const count = checkTable<ConditionRow>(
    t,
    "conditions",
    ([operator, values, given, expected, effect]) => {
      const Condition = { [operator]: { "test:Key": values } };
      const context = given === null ? {} : { "TEST:key": given };
      const Effect = effect ?? "Allow";
      return differs(applies({ Effect, Resource: "*", Condition }, { context }), expected);
    },
  );
  assert.equal(count, 306);
});

type ResourceRow = [string[], string, boolean, string?, Record<string, string>?, string?, string?];

test("resources are covered as the tables say", (t) => {
  const count = checkTable<ResourceRow>(t, "resources", (row) => {
    const [patterns, arn, expected, element = "Resource", context = {}, version, Effect = "Allow"] =
      row;
    return differs(applies({ Effect, [element]: patterns }, { arn, context }, version), expected);
  });
  assert.equal(count, 92);
});

type ActionRow = [string[], string, boolean, string?];

test("actions are covered as the tables say", (t) => {
  const count = checkTable<ActionRow>(t, "actions", ([patterns, action, expected, element]) => {
    const named =
      element === undefined ? { Action: patterns } : { Action: undefined, [element]: patterns };
    return differs(applies({ ...named, Resource: "*" }, { action }), expected);
  });
  assert.equal(count, 28);
});

type DocumentRow = [PolicyKind, string, string | null];

test("documents are taken or refused in the service's wording as the tables say", (t) => {
  const count = checkTable<DocumentRow>(t, "documents", ([kind, text, expected]) => {
    const parsing = parsePolicy(text, { kind });
    return differs(parsing.ok ? null : parsing.refusal.message, expected);
  });
  assert.equal(count, 74);
});

const away = "444455556666";

function session(owner: string, path: string, name: string, uniqueId: string): Principal {
  const arn = `arn:aws:sts::${owner}:assumed-role/${name}`;
  const roleArn = `arn:aws:iam::${owner}:role/${path}`;
  return { type: "role", roleArn, arn, account: owner, sessionName: "s1", uniqueId };
}

const callers: Readonly<Record<string, Principal>> = {
  alice,
  session: session(account, "app/Reader", "Reader/s1", "AROAREADER000001"),
  other: session(away, "Other", "Other/s9", "AROAOTHER0000001"),
  linked: session(
    account,
    "aws-service-role/qbusiness.amazonaws.com/Q",
    "Q/s1",
    "AROALINKED000001",
  ),
  federated: {
    type: "federatedUser",
    arn: `arn:aws:sts::${account}:federated-user/fred`,
    account,
    name: "fred",
    userArn: alice.arn,
  },
  root: { type: "root", arn: `arn:aws:iam::${account}:root`, account },
  foreignRoot: { type: "root", arn: `arn:aws:iam::${away}:root`, account: away },
  service: { type: "service", service: "qbusiness.amazonaws.com" },
  provider: { type: "provider", provider: "accounts.example.org" },
  anonymous: { type: "anonymous" },
};

const targets: Readonly<Record<string, { action: string; arn: string; kind: PolicyKind }>> = {
  object: { action: "s3:GetObject", arn: object, kind: "resource" },
  role: { action: "sts:AssumeRole", arn: `arn:aws:iam::${account}:role/Target`, kind: "trust" },
  key: { action: "kms:Decrypt", arn: `arn:aws:kms:us-east-1:${account}:key/k1`, kind: "key" },
};

/** Layers in short: what a policy does with the call, or to whom a resource policy is. */
interface ShortLayers {
  readonly identity?: string | string[];
  readonly boundary?: string | string[];
  readonly session?: string | string[];
  readonly scp?: string[][];
  readonly rcp?: string[][];
  readonly resource?: Readonly<Record<"Allow" | "Deny" | "DenyNot", unknown>>;
  readonly endpoint?: Readonly<Record<"Allow" | "Deny" | "DenyNot", unknown>>;
  readonly grants?: KeyGrant[];
}

function ofCaller(words: string | readonly string[], kind: PolicyKind): readonly CompiledPolicy[] {
  const meanings: Readonly<Record<string, object>> = {
    allow: { Effect: "Allow", Action: "*", Resource: "*" },
    deny: { Effect: "Deny", Action: "*", Resource: "*" },
    other: { Effect: "Allow", Action: "other:*", Resource: "*" },
    otherDeny: { Effect: "Deny", Action: "other:*", Resource: "*" },
  };
  return [words].flat().map((word) => {
    const meaning = meanings[word];
    assert.ok(meaning, word);
    return compiled(document(kind === "rcp" ? { ...meaning, Principal: "*" } : meaning), kind);
  });
}

function ofResource(short: NonNullable<ShortLayers["resource"]>, kind: PolicyKind): CompiledPolicy {
  const statements = Object.entries(short).map(([word, who]) => ({
    Effect: word === "Allow" ? "Allow" : "Deny",
    [word === "DenyNot" ? "NotPrincipal" : "Principal"]: who,
    Action: kind === "trust" ? "sts:*" : "*",
    ...(kind !== "trust" && { Resource: "*" }),
  }));
  return compiled(document(...statements), kind);
}

type LayerRow = [string, string, ShortLayers, string, string?];

test("layers combine as the tables say, and the named policy type is right", (t) => {
  const count = checkTable<LayerRow>(t, "layers", ([caller, targetName, short, expected, type]) => {
    const principal = callers[caller];
    const target = targets[targetName];
    assert.ok(principal && target);
    const { action, arn, kind } = target;
    const policies: PolicySet = {
      ...(short.identity && { identity: ofCaller(short.identity, "identity") }),
      ...(short.boundary && { boundary: ofCaller(short.boundary, "boundary") }),
      ...(short.session && { session: ofCaller(short.session, "session") }),
      ...(short.scp && { scp: short.scp.map((level) => ofCaller(level, "scp")) }),
      ...(short.rcp && { rcp: short.rcp.map((level) => ofCaller(level, "rcp")) }),
      ...(short.resource && { resource: ofResource(short.resource, kind) }),
      ...(short.endpoint && { endpoint: ofResource(short.endpoint, "endpoint") }),
      ...(short.grants && { grants: short.grants }),
    };
    const got = evaluate({ principal, action, resources: [{ arn, account }] }, policies);
    const named = expected === "allow" ? undefined : type;
    return differs(got.decision, expected) ?? differs(got.policyType, named);
  });
  assert.equal(count, 139);
});
