import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { test } from "node:test";
import * as iam from "@aws-sdk/client-iam";
import * as sts from "@aws-sdk/client-sts";
import { queryContracts, type QueryService } from "../../src/contract/contract.ts";
import {
  decodeQueryRequest,
  encodeQueryAnswer,
  encodeQueryError,
  queryError,
  type QueryErrorCode,
  type QueryRequest,
} from "../../src/wire/wire.ts";
import { randomFrom, randomValue } from "./query-values.ts";

const requestId = "0b1f6a30-7a54-4b7c-9f6e-2d9f9b9e0002";

type Client = { readonly send: (command: never) => Promise<object>; readonly destroy: () => void };

/** A server of nothing but the wire: it keeps what it read, and answers what it is told. */
async function wireServer(): Promise<
  AsyncDisposable & {
    readonly clients: Readonly<Record<QueryService, Client>>;
    request: QueryRequest | undefined;
    answer: (request: QueryRequest) => unknown;
  }
> {
  const http = createServer((request, response) => {
    void buffer(request).then((body) => {
      const scope = /\/(iam|sts)\/aws4_request/.exec(request.headers.authorization ?? "");
      const service = (scope?.[1] ?? "sts") as QueryService;
      try {
        const decoded = decodeQueryRequest(service, { query: "", body });
        server.request = decoded;
        const {
          status,
          headers,
          body: xml,
        } = encodeQueryAnswer(decoded, server.answer(decoded), requestId);
        response.writeHead(status, headers).end(xml);
      } catch (error) {
        const { status, headers, body: xml } = encodeQueryError(error, { service, requestId });
        response.writeHead(status, headers).end(xml);
      }
    });
  });
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const endpoint = `http://127.0.0.1:${(http.address() as AddressInfo).port}`;
  const settings = {
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIAAAAAAAAAAAAAAAAA", secretAccessKey: "s" },
    maxAttempts: 1,
  };
  const clients = {
    iam: new iam.IAMClient(settings) as Client,
    sts: new sts.STSClient(settings) as Client,
  };
  const server = {
    clients,
    request: undefined as QueryRequest | undefined,
    answer: (_request: QueryRequest): unknown => ({}),
    async [Symbol.asyncDispose]() {
      clients.iam.destroy();
      clients.sts.destroy();
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
    },
  };
  return server;
}

function commandOf(service: QueryService, action: string, input: unknown): never {
  const commands: unknown = service === "iam" ? iam : sts;
  const make = (commands as Record<string, new (input: unknown) => never>)[`${action}Command`];
  assert.ok(make !== undefined, action);
  return new make(input);
}

/** Values as the SDK reads them: empty lists and absent members are one, documents are encoded. */
function asRead(value: unknown): unknown {
  if (value instanceof Date) return value;
  if (Array.isArray(value)) return value.length === 0 ? undefined : value.map(asRead);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, asRead(item)] as const);
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}

const documents = new Set(["AssumeRolePolicyDocument", "PolicyDocument", "Document"]);

function withDecodedDocuments(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withDecodedDocuments);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [
      name,
      documents.has(name) && typeof item === "string"
        ? decodeURIComponent(item)
        : withDecodedDocuments(item),
    ]),
  );
}

test("every action's input and output pass between the SDK and the wire unchanged", async (t) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  t.diagnostic(`seed ${seed}`);
  const random = randomFrom(seed);
  await using server = await wireServer();
  let count = 0;
  for (const service of ["iam", "sts"] as const) {
    for (const [action, { input, output }] of Object.entries(queryContracts[service].operations)) {
      for (let round = 0; round < 2; round += 1) {
        const sent = input === undefined ? {} : randomValue(service, input, random);
        const answered = output === undefined ? {} : randomValue(service, output, random);
        server.answer = () => answered;
        const read = await server.clients[service].send(commandOf(service, action, sent));
        assert.equal(server.request?.action, action);
        assert.deepEqual(asRead(server.request?.input), asRead(sent), action);
        const { $metadata: _metadata, ...members } = read as Record<string, unknown>;
        assert.deepEqual(asRead(withDecodedDocuments(members)), asRead(answered), action);
        count += 1;
      }
    }
  }
  assert.equal(count, 2 * (83 + 7));
});

test("every modelled error reaches the SDK as its own class", async () => {
  await using server = await wireServer();
  const input = { iam: { RoleName: "r" }, sts: {} } as const;
  const action = { iam: "GetRole", sts: "GetCallerIdentity" } as const;
  let count = 0;
  for (const service of ["iam", "sts"] as const) {
    for (const [code, status] of Object.entries(queryContracts[service].errors)) {
      server.answer = () => {
        throw queryError(code as QueryErrorCode, `Text of <${code}> & more`);
      };
      const sent = server.clients[service].send(
        commandOf(service, action[service], input[service]),
      );
      await assert.rejects(sent, (error: Error & { $metadata?: { httpStatusCode?: number } }) => {
        assert.equal(error.name.replace(/Exception$/, ""), code.replace(/Exception$/, ""));
        assert.equal(error.message, `Text of <${code}> & more`);
        assert.equal(error.$metadata?.httpStatusCode, status);
        return true;
      });
      count += 1;
    }
  }
  assert.ok(count >= 20, `only ${count} errors seen`);
});
