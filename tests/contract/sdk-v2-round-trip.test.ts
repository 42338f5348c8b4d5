import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { operations } from "../../src/contract/contract.ts";
import type { OperationName } from "../../src/contract/contract.ts";
import { apiError } from "../../src/wire/wire.ts";
import { plain } from "./plain.ts";
import { randomSource, randomStructures } from "./random-values.ts";
import { startWireServer } from "./wire-server.ts";

// The old SDK knows an older contract, so only the members that it knows are sent and compared.
type V2Shape = {
  readonly type: string;
  readonly members?: Readonly<Record<string, V2Shape>>;
  readonly member?: V2Shape;
  readonly value?: V2Shape;
};
type V2Operation = { readonly input: V2Shape; readonly output: V2Shape };
type V2Client = {
  readonly api: { readonly operations: Readonly<Record<string, V2Operation>> };
  readonly makeRequest: (
    operation: string,
    input: unknown,
  ) => { readonly promise: () => Promise<Record<string, unknown>> };
};

const require = createRequire(import.meta.url);

function newClient(endpoint: string): V2Client | undefined {
  try {
    const message = require("aws-sdk/lib/maintenance_mode_message") as { suppress: boolean };
    message.suppress = true;
    const { QBusiness } = require("aws-sdk") as { QBusiness: new (settings: object) => V2Client };
    const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
    return new QBusiness({
      endpoint,
      region: "us-east-1",
      ...credentials,
      maxRetries: 0,
      paramValidation: false,
    });
  } catch (error) {
    if ((error as { code?: string }).code === "MODULE_NOT_FOUND") return undefined;
    throw error;
  }
}

/** A union of a kind that the old contract does not have. */
class NothingKnown extends Error {}

/** The first random value after `seed` whose unions are all of kinds that the old SDK knows. */
function randomKnown(shapeName: string, shape: V2Shape, isLimited: boolean, seed: number): unknown {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const value = randomStructures(randomSource(seed + attempt * 1000), isLimited)(shapeName);
    try {
      return known(value, shape);
    } catch (error) {
      if (!(error instanceof NothingKnown)) throw error;
    }
  }
  return assert.fail(`no value of ${shapeName} for the old SDK`);
}

function known(value: unknown, shape: V2Shape | undefined): unknown {
  // This SDK cuts the fraction off times in a query string.
  if (value instanceof Date) return new Date(Math.floor(value.getTime() / 1000) * 1000);
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Uint8Array || shape === undefined) return value;
  if (Array.isArray(value)) return value.map((item) => known(item, shape.member));
  const entries = Object.entries(value);
  if (shape.type === "map") {
    return Object.fromEntries(entries.map(([name, item]) => [name, known(item, shape.value)]));
  }
  const { members } = shape;
  if (shape.type !== "structure" || members === undefined) return value;
  const kept = entries.filter(([name]) => Object.hasOwn(members, name));
  if (kept.length === 0 && entries.length > 0) throw new NothingKnown();
  return Object.fromEntries(kept.map(([name, item]) => [name, known(item, members[name])]));
}

test("what the JavaScript SDK version 2 knows of the contract makes the round trip", async (t) => {
  await using server = await startWireServer("http/1.1");
  const client = newClient(server.endpoint);
  if (client === undefined) return t.skip("aws-sdk version 2 is not installed");
  let trips = 0;
  for (const [name, { input: inputShape, output: outputShape }] of Object.entries(
    client.api.operations,
  )) {
    const operation = `${name[0]?.toUpperCase()}${name.slice(1)}` as OperationName;
    const { input: inputName, output: outputName } = operations[operation];
    const input = randomKnown(inputName, inputShape, true, trips);
    const output = randomKnown(outputName, outputShape, false, trips);
    let seen: unknown;
    server.answer = (_, decoded) => {
      seen = decoded;
      return output;
    };
    const received = await client.makeRequest(name, input).promise();
    const decoded = plain(seen) as Record<string, unknown>;
    if (!Object.hasOwn(input as object, "clientToken")) delete decoded["clientToken"];
    assert.deepEqual(decoded, plain(input), operation);
    assert.deepEqual(plain({ ...received }), plain(output), operation);
    trips += 1;
  }
  assert.ok(trips >= 50, `only ${trips} operations`);
});

test("an error reaches the JavaScript SDK version 2 with code, status and text", async (t) => {
  await using server = await startWireServer("http/1.1");
  const client = newClient(server.endpoint);
  if (client === undefined) return t.skip("aws-sdk version 2 is not installed");
  server.answer = () => {
    const members = {
      message: "No such application.",
      resourceId: "a",
      resourceType: "APPLICATION",
    };
    throw apiError("ResourceNotFoundException", members);
  };
  const applicationId = "a".repeat(36);
  await assert.rejects(client.makeRequest("getApplication", { applicationId }).promise(), {
    code: "ResourceNotFoundException",
    statusCode: 404,
    message: "No such application.",
    requestId: "request-1",
  });
});
