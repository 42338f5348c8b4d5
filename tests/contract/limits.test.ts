import assert from "node:assert/strict";
import { test } from "node:test";
import { limitPlaces, limits, operations } from "../../src/contract/contract.ts";
import type { OperationName } from "../../src/contract/contract.ts";
import { ApiError, decodeChatInputEvent, decodeInput } from "../../src/wire/wire.ts";
import { casesOf, casesOfStructure } from "./limit-cases.ts";
import type { LimitCase } from "./limit-cases.ts";
import { eventFrame, plain, rawInput } from "./plain.ts";
import { smallestStructure } from "./values.ts";

type Input = LimitCase["refused"];
type Decode = (input: Input) => unknown;

const operationNames = Object.keys(operations) as OperationName[];

function refusalOf(decode: Decode, input: Input): ApiError {
  try {
    decode(input);
  } catch (error) {
    if (error instanceof ApiError) return error;
    throw error;
  }
  return assert.fail(`taken: ${JSON.stringify(input).slice(0, 300)}`);
}

function check(decode: Decode, limitCase: LimitCase, where: string, prefix = ""): void {
  const { field, accepted, refused } = limitCase;
  if (accepted !== undefined) assert.deepEqual(plain(decode(accepted)), plain(accepted), where);
  const { name, members, message } = refusalOf(decode, refused);
  const { reason, fields } = members as {
    readonly reason?: string;
    readonly fields?: readonly { readonly name: string; readonly message: string }[];
  };
  assert.equal(name, "ValidationException", where);
  assert.equal(reason, "FIELD_VALIDATION_FAILED", where);
  assert.equal(fields?.length, 1, `${where}: ${message}`);
  assert.equal(fields?.[0]?.name, prefix + field, where);
  assert.equal(message, `1 validation error detected: ${fields?.[0]?.message}`);
  assert.ok(message.includes(`Value at '${prefix + field}' failed to satisfy constraint: Member `));
}

/** How many cases there are of each kind, and which places of the contract they cover. */
function tally(cases: readonly LimitCase[], places: Set<string>, counts: Record<string, number>) {
  for (const { kind, place } of cases) {
    counts[kind] = (counts[kind] ?? 0) + 1;
    places.add(place);
  }
}

test("for each constraint of each input a value at the limit is taken and one over is refused", () => {
  const counts: Record<string, number> = {};
  const places = new Set<string>();
  for (const operation of operationNames) {
    const cases = casesOf(operation);
    tally(cases, places, counts);
    const decode: Decode = (input) => decodeInput(operation, rawInput(operation, input));
    for (const each of cases) check(decode, each, `${operation} ${each.place} ${each.kind}`);
  }
  // The events of Chat come in frames of their own.
  // An event that is no object is no JSON body at all, which other tests look at.
  const events = casesOfStructure("ChatInputStream").filter(
    ({ place, kind }) => kind !== "type" || !place.startsWith("ChatInputStream."),
  );
  tally(events, places, counts);
  for (const each of events) {
    check((input) => decodeChatInputEvent(eventFrame(input)), each, each.place, "inputStream.");
  }

  assert.equal(operationNames.length, 83);
  const unseen = Object.keys(limitPlaces).filter((place) => !places.has(place));
  assert.deepEqual(unseen, [], "limits that no case covers");
  assert.deepEqual(counts, {
    enum: 372,
    "length max": 428,
    "length min": 352,
    pattern: 298,
    "range max": 35,
    "range min": 35,
    required: 187,
    "size max": 40,
    "size min": 22,
    type: 610,
    "union of none": 30,
    "union of two": 22,
    unique: 2,
    "whole number": 35,
  });
});

test("only these limits cannot be reached without breaking another one of the same value", () => {
  const unreachable = new Set<string>();
  const bounded = ["length max", "length min", "size max", "size min", "range max", "range min"];
  for (const { kind, place, accepted } of operationNames.flatMap(casesOf)) {
    if (bounded.includes(kind) && accepted === undefined) {
      unreachable.add(`${limitPlaces[place]} ${kind}`);
    }
  }
  // Their patterns are longer than the shortest, or shorter than the longest length.
  assert.deepEqual([...unreachable].sort(), [
    "GroupIdentifier length min",
    "IAMIdentityProviderArn length min",
    "IdcApplicationArn length max",
    "IdcApplicationArn length min",
    "IdcTrustedTokenIssuerArn length max",
    "InstanceArn length max",
    "InstanceArn length min",
    "LambdaArn length min",
    "Origin length min",
    "PrincipalRoleArn length min",
    "S3BucketName length min",
    "SamlAuthenticationUrl length min",
    "Url length min",
    "UserIdentifier length min",
  ]);
  assert.ok(Object.keys(limits).length > 100);
});

test("the smallest legal input of each operation is taken", () => {
  for (const operation of operationNames) {
    const input = smallestStructure(operations[operation].input);
    assert.deepEqual(plain(decodeInput(operation, rawInput(operation, input))), plain(input));
  }
});
