// Random policies and requests over small alphabets, so that most statements nearly match.

import type {
  PlainDocument,
  PlainPolicies,
  PlainPrincipal,
  PlainStatement,
} from "./plain-types.ts";

/** A seeded stream of numbers; the same seed makes the same cases everywhere. */
export interface Dice {
  /** An integer from zero below the bound. */
  readonly below: (bound: number) => number;
  readonly oneOf: <Item>(items: readonly Item[]) => Item;
  readonly chance: (percent: number) => boolean;
}

export function dice(seed: number): Dice {
  let state = seed >>> 0;
  const next = (): number => {
    // Mulberry32: small, fast and good enough to pick test cases.
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
  const below = (bound: number): number => next() % bound;
  return {
    below,
    oneOf(items) {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("nothing to choose from");
      return item;
    },
    chance: (percent) => below(100) < percent,
  };
}

const home = "111122223333";
const away = "444455556666";

export const randomPrincipals: readonly PlainPrincipal[] = [
  { kind: "user", account: home, name: `arn:aws:iam::${home}:user/alice`, id: "AIDAALICE0000001" },
  { kind: "user", account: away, name: `arn:aws:iam::${away}:user/bob`, id: "AIDABOB000000001" },
  role(home, "app/Reader", "Reader"),
  role(away, "Other", "Other"),
  role(home, "aws-service-role/q.amazonaws.com/Linked", "Linked"),
  federated(home),
  { kind: "root", account: home, name: `arn:aws:iam::${home}:root` },
  { kind: "root", account: away, name: `arn:aws:iam::${away}:root` },
  { kind: "service", name: "qbusiness.amazonaws.com" },
  { kind: "provider", name: "accounts.example.org" },
  { kind: "anonymous", name: "anonymous" },
];

function role(account: string, path: string, name: string): PlainPrincipal {
  return {
    kind: "role",
    account,
    name: `arn:aws:sts::${account}:assumed-role/${name}/s1`,
    behind: `arn:aws:iam::${account}:role/${path}`,
    id: "AROA0000000000001",
  };
}

function federated(account: string): PlainPrincipal {
  const name = `arn:aws:sts::${account}:federated-user/fred`;
  return { kind: "federated", account, name, behind: `arn:aws:iam::${account}:user/alice` };
}

export const randomActions = [
  "s3:GetObject",
  "s3:PutObject",
  "kms:Decrypt",
  "sts:AssumeRole",
  "qbusiness:Chat",
];

export const randomResources = [
  "arn:aws:s3:::docs/a/b.txt",
  "arn:aws:s3:::docs/alice",
  `arn:aws:kms:us-east-1:${home}:key/k1`,
  `arn:aws:iam::${home}:role/Reader`,
  `arn:aws:qbusiness:us-east-1:${home}:application/a1`,
  "*",
];

const actionPatterns = [
  ...randomActions,
  "*",
  "s3:*",
  "S3:get*",
  "*:*",
  "s3:?etObject",
  "kms:De*",
  "sts:*",
];

const resourcePatterns = [
  ...randomResources,
  "arn:aws:s3:::docs/*",
  "arn:aws:s3:::docs/${aws:username}",
  "arn:aws:s3:::docs/${aws:PrincipalTag/team, 'a'}/*",
  "arn:aws:s3:::*/b.tx?",
  "arn:aws:s3:::docs/a${*}",
  `arn:aws:kms:*:${home}:*`,
  "arn:aws:s3:*:*:d?cs/*/b*t",
  `arn:*:iam::${home}:role/*`,
];

const principalElements: readonly NonNullable<PlainStatement["Principal"]>[] = [
  "*",
  { AWS: "*" },
  { AWS: home },
  { AWS: [`arn:aws:iam::${away}:root`] },
  { AWS: `arn:aws:iam::${home}:user/alice` },
  { AWS: [`arn:aws:iam::${home}:role/app/Reader`, `arn:aws:iam::${away}:user/bob`] },
  { AWS: `arn:aws:sts::${home}:assumed-role/Reader/s1` },
  { AWS: ["AROA0000000000001", home] },
  { AWS: `arn:aws:sts::${home}:federated-user/fred` },
  { AWS: [home, `arn:aws:iam::${home}:user/alice`] },
  { Service: ["qbusiness.amazonaws.com"] },
  { Federated: "accounts.example.org", AWS: away },
];

const texts = [
  "red",
  "Red",
  "blue",
  "r*",
  "?ed",
  "${aws:PrincipalTag/team}",
  "${aws:username, 'red'}",
  "*",
];
const arns = [
  "arn:aws:s3:::docs",
  "arn:aws:s3:::d*",
  "arn:aws:*:*:*:x",
  "arn:aws:iam::*:role/*",
  "*",
];
const dates = ["2026-01-01", "2026-01-01T00:00:00Z", "1767225600", "soon", "2027-05-05T10:00:00Z"];
const valuesByType: Readonly<Record<string, readonly (string | number | boolean)[]>> = {
  String: texts,
  Numeric: ["1", "1.0", 2, "-3.50", "x"],
  Date: dates,
  Bool: ["true", "false", true, "TRUE", "yes"],
  IpAddress: ["203.0.113.0/24", "203.0.113.7", "0.0.0.0/0", "198.51.100.0/25"],
  Arn: arns,
  Null: ["true", "false", true],
};

const names: Readonly<Record<string, readonly string[]>> = {
  String: [
    "StringEquals",
    "StringNotEquals",
    "StringEqualsIgnoreCase",
    "StringNotEqualsIgnoreCase",
    "StringLike",
    "StringNotLike",
  ],
  Numeric: [
    "NumericEquals",
    "NumericNotEquals",
    "NumericLessThan",
    "NumericLessThanEquals",
    "NumericGreaterThan",
    "NumericGreaterThanEquals",
  ],
  Date: [
    "DateEquals",
    "DateNotEquals",
    "DateLessThan",
    "DateLessThanEquals",
    "DateGreaterThan",
    "DateGreaterThanEquals",
  ],
  Bool: ["Bool"],
  IpAddress: ["IpAddress", "NotIpAddress"],
  Arn: ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"],
  Null: ["Null"],
};

const keysByType: Readonly<Record<string, readonly string[]>> = {
  String: [
    "aws:PrincipalTag/team",
    "aws:principaltag/TEAM",
    "aws:TagKeys",
    "aws:PrincipalArn",
    "aws:userid",
  ],
  Numeric: ["s3:max-keys", "aws:TagKeys"],
  Date: ["aws:CurrentTime"],
  Bool: ["aws:SecureTransport", "aws:PrincipalIsAWSService"],
  IpAddress: ["aws:SourceIp"],
  Arn: ["aws:SourceArn", "aws:PrincipalArn"],
  Null: ["aws:TagKeys", "aws:username", "aws:SourceIp"],
};

export function randomContext(roll: Dice): Record<string, string | readonly string[]> {
  const context: Record<string, string | readonly string[]> = {};
  const maybe = (key: string, values: readonly (string | readonly string[])[]): void => {
    if (roll.chance(55)) context[key] = roll.oneOf(values);
  };
  maybe("aws:PrincipalTag/team", ["red", "RED", "blue", "r*", "a", ""]);
  maybe("aws:TagKeys", [["red"], ["red", "blue"], [], ["1", "2"], "red"]);
  maybe("s3:max-keys", ["1", "2.0", "-3.5", "x"]);
  maybe("aws:CurrentTime", ["2026-01-01T00:00:00Z", "2026-06-01T00:00:00Z", "never"]);
  maybe("aws:SecureTransport", ["true", "false", "True"]);
  maybe("aws:SourceIp", ["203.0.113.7", "198.51.100.200"]);
  maybe("aws:SourceArn", [
    "arn:aws:s3:::docs",
    "arn:aws:s3:::other:x",
    "arn:aws:iam::1:role/r",
    "x",
  ]);
  return context;
}

function randomCondition(roll: Dice): NonNullable<PlainStatement["Condition"]> {
  const condition: Record<string, Record<string, (string | number | boolean)[]>> = {};
  for (let count = roll.below(3); count >= 0; count -= 1) {
    const type = roll.oneOf(Object.keys(names));
    const suffix = type !== "Null" && roll.chance(25) ? "IfExists" : "";
    const prefix = roll.chance(30) ? roll.oneOf(["ForAllValues:", "ForAnyValue:"]) : "";
    const operator = prefix + roll.oneOf(names[type] ?? []) + suffix;
    const values = Array.from({ length: roll.below(3) }, () =>
      roll.oneOf(valuesByType[type] ?? []),
    );
    condition[operator] = { [roll.oneOf(keysByType[type] ?? [])]: values };
  }
  return condition;
}

export interface StatementShape {
  readonly kind: "identity" | "resource" | "trust" | "rcp";
  readonly effects: readonly ("Allow" | "Deny")[];
}

export function randomStatement(roll: Dice, shape: StatementShape): PlainStatement {
  const effect = roll.oneOf(shape.effects);
  const some = (from: readonly string[]): string | readonly string[] =>
    roll.chance(50)
      ? roll.oneOf(from)
      : Array.from({ length: 1 + roll.below(3) }, () => roll.oneOf(from));
  const { kind } = shape;
  const isNotPrincipal = effect === "Deny" && kind === "resource" && roll.chance(20);
  const who = kind === "rcp" ? "*" : roll.oneOf(principalElements);
  const actions = kind === "trust" ? trustPatterns : actionPatterns;
  const resources = roll.chance(15) ? "NotResource" : "Resource";
  return {
    Effect: effect,
    ...(kind !== "identity" && { [isNotPrincipal ? "NotPrincipal" : "Principal"]: who }),
    [roll.chance(15) ? "NotAction" : "Action"]: some(actions),
    ...(kind !== "trust" && { [resources]: some(resourcePatterns) }),
    ...(roll.chance(45) && { Condition: randomCondition(roll) }),
  };
}

const trustPatterns = ["sts:AssumeRole", "sts:*", "sts:Assume*", "sts:TagSession"];
const mostlyAllow: StatementShape["effects"] = ["Allow", "Allow", "Allow", "Deny"];
const ofEntity: StatementShape = { kind: "identity", effects: mostlyAllow };
const ofResource: StatementShape = { kind: "resource", effects: mostlyAllow };
const ofRole: StatementShape = { kind: "trust", effects: mostlyAllow };
const onlyDeny: StatementShape = { kind: "rcp", effects: ["Deny"] };

function randomDocument(roll: Dice, shape: StatementShape): PlainDocument {
  const version = roll.oneOf(["2012-10-17", "2012-10-17", "2012-10-17", "2008-10-17", ""]);
  const statements = Array.from({ length: 1 + roll.below(3) }, () => randomStatement(roll, shape));
  return { ...(version !== "" && { Version: version }), Statement: statements };
}

function documents(roll: Dice, shape: StatementShape): readonly PlainDocument[] {
  return Array.from({ length: roll.below(3) }, () => randomDocument(roll, shape));
}

/** A policy set for an action; every layer is there sometimes. */
export function randomPolicies(roll: Dice): PlainPolicies {
  const levels = (shape: StatementShape): readonly (readonly PlainDocument[])[] =>
    Array.from({ length: 1 + roll.below(2) }, () => documents(roll, shape));
  return {
    identity: documents(roll, ofEntity),
    ...(roll.chance(60) && { resource: documents(roll, roll.chance(70) ? ofResource : ofRole) }),
    ...(roll.chance(25) && { boundary: documents(roll, ofEntity) }),
    ...(roll.chance(25) && { session: documents(roll, ofEntity) }),
    ...(roll.chance(20) && { scp: levels(ofEntity) }),
    ...(roll.chance(15) && { rcp: levels(onlyDeny) }),
    ...(roll.chance(15) && { endpoint: documents(roll, ofResource) }),
  };
}
