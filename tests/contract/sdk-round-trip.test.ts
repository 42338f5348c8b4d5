import assert from "node:assert/strict";
import { test } from "node:test";
import * as sdk from "@aws-sdk/client-qbusiness";
import { NodeHttpHandler } from "@smithy/node-http-handler";
import { operations } from "../../src/contract/contract.ts";
import type { ExceptionName, OperationName } from "../../src/contract/contract.ts";
import { ApiError } from "../../src/wire/wire.ts";
import { plain } from "./plain.ts";
import { randomSource, randomStructures } from "./random-values.ts";
import { startWireServer } from "./wire-server.ts";
import type { WireServer } from "./wire-server.ts";

const operationNames = Object.keys(operations) as OperationName[];
const tested = operationNames.filter((name) => name !== "Chat");
const exported = sdk as unknown as Readonly<Record<string, unknown>>;
const isLimited = true;

type Client = {
  readonly send: (command: unknown) => Promise<unknown>;
  readonly destroy: () => void;
};

function newClient(endpoint: string, protocol: "http/1.1" | "h2"): Client {
  const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "secret" };
  const settings = { endpoint, region: "us-east-1", credentials, maxAttempts: 1 };
  const client =
    protocol === "h2"
      ? new sdk.QBusinessClient(settings)
      : new sdk.QBusinessClient({ ...settings, requestHandler: new NodeHttpHandler() });
  return client as unknown as Client;
}

function newCommand(operation: OperationName, input: object): unknown {
  const Command = exported[`${operation}Command`] as new (input: object) => unknown;
  return new Command(input);
}

/** Sends a random input and compares what both ends see; gives the number of members compared. */
async function roundTrip(
  client: Client,
  server: WireServer,
  operation: OperationName,
  seed: number,
) {
  const input = randomStructures(randomSource(seed), isLimited)(operations[operation].input);
  const output = randomStructures(randomSource(seed + 1), !isLimited)(operations[operation].output);
  let seen: readonly unknown[] = [];
  server.answer = (...call) => {
    seen = call;
    return output;
  };
  const { $metadata, ...received } = (await client.send(newCommand(operation, input))) as {
    $metadata: { httpStatusCode?: number; requestId?: string };
  };
  const where = `${operation}, seed ${seed}`;
  assert.equal(seen[0], operation, where);
  // A client fills in a token that the input does not have.
  const decoded = plain(seen[1]) as Record<string, unknown>;
  if (!("clientToken" in input)) delete decoded["clientToken"];
  assert.deepEqual(decoded, plain(input), where);
  assert.deepEqual(plain(received), plain(output), where);
  assert.equal($metadata.httpStatusCode, 200);
  assert.equal($metadata.requestId, "request-1");
  return Object.keys(input).length + Object.keys(output).length;
}

/** Lets the server fail with a modelled exception and looks at what the client throws. */
async function errorTrip(
  client: Client,
  server: WireServer,
  operation: OperationName,
  name: ExceptionName,
) {
  const members = randomStructures(randomSource(7), !isLimited)(name) as {
    readonly message: string;
  };
  server.answer = () => {
    throw new ApiError(name, members);
  };
  const input = randomStructures(randomSource(1), isLimited)(operations[operation].input);
  await assert.rejects(client.send(newCommand(operation, input)), (error) => {
    const where = `${operation} ${name}`;
    assert.ok(error instanceof (exported[name] as new () => Error), where);
    const { message, $metadata, ...rest } = error as Error & {
      $metadata: { httpStatusCode?: number; requestId?: string };
    };
    const { message: sent, ...others } = members;
    assert.equal(message, sent, where);
    for (const [member, value] of Object.entries(others)) {
      assert.deepEqual(plain((rest as Record<string, unknown>)[member]), plain(value), where);
    }
    assert.equal($metadata.requestId, "request-1");
    return true;
  });
}

for (const protocol of ["http/1.1", "h2"] as const) {
  test(`every operation but Chat makes the round trip with the JavaScript SDK over ${protocol}`, async () => {
    await using server = await startWireServer(protocol);
    const client = newClient(server.endpoint, protocol);
    let members = 0;
    for (const [index, operation] of tested.entries()) {
      for (const seed of protocol === "h2" ? [index] : [index, index + 1000, index + 2000]) {
        members += await roundTrip(client, server, operation, seed);
      }
    }
    client.destroy();
    assert.equal(tested.length, 82);
    assert.ok(members > 400, `only ${members} members compared`);
  });

  test(`each modelled exception reaches the JavaScript SDK as its class over ${protocol}`, async () => {
    await using server = await startWireServer(protocol);
    const client = newClient(server.endpoint, protocol);
    const seen = new Set<string>();
    let trips = 0;
    for (const [index, operation] of tested.entries()) {
      const { errors } = operations[operation];
      // A connection per request makes HTTP/2 slow; there each operation shows one exception.
      const chosen = protocol === "h2" ? errors.slice(index % errors.length).slice(0, 1) : errors;
      for (const name of chosen) {
        await errorTrip(client, server, operation, name);
        seen.add(name);
        trips += 1;
      }
    }
    client.destroy();
    assert.ok(trips >= (protocol === "h2" ? 82 : 400), `only ${trips} trips`);
    if (protocol === "http/1.1") assert.equal(seen.size, 10);
  });
}
