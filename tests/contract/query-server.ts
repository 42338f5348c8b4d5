import { mkdtemp, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import type { QueryService } from "../../src/contract/contract.ts";
import { systemIds } from "../../src/core/ids.ts";
import { publishedQuotas, type Quotas } from "../../src/core/quotas.ts";
import { createIdentity, type Identity } from "../../src/identity/identity.ts";
import {
  type QueryCall,
  queryDenied,
  queryQuestions,
  runQuery,
} from "../../src/operations/query-operations.ts";
import {
  createVerifier,
  hashBody,
  nameRefusal,
  parseAuthentication,
} from "../../src/sigv4/sigv4.ts";
import { type Database, openDatabase } from "../../src/store/store.ts";
import {
  decodeQueryRequest,
  encodeQueryAnswer,
  encodeQueryError,
  queryRefusal,
} from "../../src/wire/wire.ts";

export const accountId = "123456789012";
export const rootKey = {
  accessKeyId: "AKIAQUERYTESTROOT234",
  secretAccessKey: "query-test-root-secret-access-key-000000",
};

/** A server of the query services with nothing in front of them but the signature check. */
export type QueryServer = AsyncDisposable & {
  readonly endpoint: string;
  readonly db: Database;
  readonly identity: Identity;
  /** What the server takes for the time; signatures are checked by the real one. */
  now: () => Date;
  /** To be lowered by tests that reach them. */
  quotas: Quotas;
  /** Errors that were no answer for a client: bugs. */
  readonly failures: unknown[];
};

const requestId = "0b1f6a30-7a54-4b7c-9f6e-2d9f9b9e0001";

export async function startQueryServer(): Promise<QueryServer> {
  const directory = await mkdtemp(join(tmpdir(), "quarry-query-"));
  const db = await openDatabase(join(directory, "quarry.db"));
  const sealingKey = systemIds.bytes(32);
  const identity = createIdentity({ db, accountId, root: rootKey, sealingKey });
  const verifier = createVerifier({
    acceptedServices: ["iam", "sts"],
    acceptedRegions: ["us-east-1", "eu-west-1"],
  });
  const pageTokenKey = systemIds.bytes(32);
  const failures: unknown[] = [];

  async function answer(request: IncomingMessage): Promise<ReturnType<typeof encodeQueryAnswer>> {
    const [, query = ""] = (request.url ?? "").split("?", 2);
    const body = await buffer(request);
    const headers = pairsOf(request.rawHeaders);
    const wire = { method: request.method ?? "", rawTarget: request.url ?? "", headers };
    let service: QueryService = "iam";
    try {
      const parsed = parseAuthentication(wire);
      if (!parsed.ok) throw queryRefusal(nameRefusal(parsed.refusal, "query"));
      const { authentication } = parsed;
      service = authentication.scope.service === "sts" ? "sts" : "iam";
      const { accessKeyId, sessionToken } = authentication;
      const key = await identity.findKey({ accessKeyId, sessionToken });
      const verdict = verifier.verify(authentication, {
        owner: key?.owner,
        now: server.now(),
        bodyHash: () => hashBody(body),
      });
      if (!verdict.ok) throw queryRefusal(nameRefusal(verdict.refusal, "query"));
      if (key === undefined) throw new Error("A signature of an unknown key was accepted.");
      const call: QueryCall = {
        db,
        identity,
        ids: systemIds,
        quotas: server.quotas,
        caller: key.caller,
        now: server.now(),
        pageTokenKey,
        facts: { now: server.now(), region: "us-east-1", isSecure: false, sourceIp: "127.0.0.1" },
      };
      const decoded = decodeQueryRequest(service, { query, body });
      for (const question of await queryQuestions(decoded, call)) {
        const access = await identity.authorize(call.caller, question);
        if (!access.isAllowed) throw queryDenied(decoded, call, access);
      }
      return encodeQueryAnswer(decoded, await runQuery(decoded, call), requestId);
    } catch (error) {
      const encoded = encodeQueryError(error, { service, requestId });
      if (encoded.status >= 500) failures.push(error);
      return encoded;
    }
  }

  const listener = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { status, headers, body } = await answer(request);
    response.writeHead(status, headers);
    response.end(body);
  };
  const http = createServer((request, response) => void listener(request, response));
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const server: QueryServer = {
    endpoint: `http://127.0.0.1:${(http.address() as AddressInfo).port}`,
    db,
    identity,
    failures,
    quotas: publishedQuotas,
    now: () => new Date(),
    async [Symbol.asyncDispose]() {
      http.closeAllConnections();
      await new Promise((resolve) => http.close(resolve));
      await db[Symbol.asyncDispose]();
      await rm(directory, { recursive: true, force: true });
    },
  };
  return server;
}

function pairsOf(raw: readonly string[]): readonly (readonly [string, string])[] {
  const pairs: [string, string][] = [];
  for (let at = 0; at + 1 < raw.length; at += 2) {
    pairs.push([(raw[at] ?? "").toLowerCase(), raw[at + 1] ?? ""]);
  }
  return pairs;
}
