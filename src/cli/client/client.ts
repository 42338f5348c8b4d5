import { setTimeout as sleep } from "node:timers/promises";
import type {
  InputOf,
  OperationName,
  OutputOf,
  QueryAction,
  QueryInputOf,
  QueryOutputOf,
} from "../../contract/contract.ts";
import { systemIds } from "../../core/ids.ts";
import { type Credentials, hashBody, sign } from "../../sigv4/sigv4.ts";
import { CliError } from "../context.ts";
import { decodeAnswer } from "./decode-answer.ts";
import { encodeRequest } from "./encode-request.ts";
import { decodeQuery, decodeQueryError, encodeQuery } from "./query-codec.ts";
import { plainLine } from "../table.ts";
import { readLines } from "../read-lines.ts";
import {
  BrokenConnection,
  createTransport,
  type IncomingAnswer,
  type OutgoingRequest,
} from "./transport.ts";

/** An error that the server answered. */
export class ServiceError extends CliError {
  /** `ResourceNotFoundException`, `NoSuchEntity`. */
  readonly code: string;
  readonly status: number;
  readonly requestId: string;

  constructor(answer: {
    readonly code: string;
    readonly message: string;
    readonly status: number;
    readonly requestId: string;
  }) {
    const { code, message, requestId } = answer;
    super(plainLine(`${code}: ${message} (request ${requestId || "without id"})`));
    this.code = code;
    this.status = answer.status;
    this.requestId = requestId;
  }
}

/** Operations that are one request and one answer: all but Chat, which is a stream. */
export type PlainOperation = Exclude<OperationName, "Chat">;

/** Calls a Quarry server as any client would. */
export type Client = {
  readonly endpoint: string;
  readonly region: string;
  /** Calls an operation. Rejects with a ServiceError for what the server refuses. */
  readonly call: <Name extends PlainOperation>(
    name: Name,
    input: InputOf<Name>,
  ) => Promise<OutputOf<Name>>;
  /** Calls an action of IAM. */
  readonly iam: <Action extends QueryAction<"iam">>(
    action: Action,
    input: QueryInputOf<"iam", Action>,
  ) => Promise<QueryOutputOf<"iam", Action>>;
  /** Gets a report: one value of JSON a line, however many they are. */
  readonly report: (rawTarget: string) => AsyncIterable<unknown>;
  /** The state of a KMS key, as DescribeKey gives it: `Enabled`, `Disabled`, `PendingDeletion`. */
  readonly keyState: (keyId: string) => Promise<string>;
  /** Gets a page that needs no signature: `/health`. */
  readonly get: (rawTarget: string) => Promise<IncomingAnswer>;
};

/** What a client needs to know. */
export type ClientOptions = {
  /** `http://127.0.0.1:8090`, without a path. */
  readonly endpoint: string;
  readonly region: string;
  /** Asked for when the first signed call is made: health needs none. */
  readonly credentials: () => Credentials;
  readonly now: () => Date;
  /** PEM, trusted besides the usual authorities. */
  readonly certificate?: Buffer;
  /** How long to wait before the first repeat; doubled each time. */
  readonly retryAfterMs?: number;
};

const attemptsMax = 4;

/** A client of one endpoint. */
export function createClient(options: ClientOptions): Client {
  const { endpoint, region, certificate } = options;
  const { send, open } = createTransport(
    endpoint,
    certificate === undefined ? {} : { certificate },
  );
  const { host } = new URL(endpoint);

  const signed = (
    service: "qbusiness" | "iam" | "kms",
    request: { readonly method: string; readonly rawTarget: string; readonly body: Buffer },
    contentType: string,
    more: readonly (readonly [string, string])[] = [],
  ): OutgoingRequest => {
    const { method, rawTarget, body } = request;
    const headers = [
      ["host", host],
      ["content-type", contentType],
      ["content-length", String(body.length)],
      ...more,
    ] as const;
    const { headers: all } = sign({ method, rawTarget, headers }, options.credentials(), {
      service,
      // IAM is a global service: its calls are signed for one Region, whatever the configured one.
      region: service === "iam" ? "us-east-1" : region,
      now: options.now(),
      bodyHash: hashBody(body),
    });
    return { method, rawTarget, headers: all, body };
  };
  const signAndSend = (...request: Parameters<typeof signed>): Promise<IncomingAnswer> =>
    send(signed(...request));

  return {
    endpoint,
    region,
    get: (rawTarget) =>
      send({ method: "GET", rawTarget, headers: [["host", host]], body: Buffer.of() }),
    async *report(rawTarget) {
      const request = { method: "GET", rawTarget, body: Buffer.of() };
      const { status, headers, chunks } = await open(
        signed("qbusiness", request, "application/json"),
      );
      if (status !== 200) {
        const parts: Buffer[] = [];
        for await (const chunk of chunks) parts.push(chunk);
        throw jsonError({ status, headers, body: Buffer.concat(parts) });
      }
      for await (const line of readLines(chunks)) {
        yield parsed(endpoint, () => JSON.parse(line) as unknown);
      }
    },
    call(name, input) {
      const request = encodeRequest(name, input, systemIds.uuid);
      return retried(options, request, async () => {
        const answer = await signAndSend("qbusiness", request, "application/json");
        if (answer.status !== 200) throw jsonError(answer);
        return parsed(endpoint, () => decodeAnswer(name, answer.body));
      });
    },
    keyState(KeyId) {
      const body = Buffer.from(JSON.stringify({ KeyId }));
      return retried(options, { isRepeatable: true }, async () => {
        const request = { method: "POST", rawTarget: "/", body };
        const target = [["x-amz-target", "TrentService.DescribeKey"]] as const;
        const answer = await signAndSend("kms", request, "application/x-amz-json-1.1", target);
        if (answer.status !== 200) throw jsonError(answer);
        const metadata = jsonObject(answer.body)["KeyMetadata"];
        const state = (metadata as { readonly KeyState?: unknown } | undefined)?.KeyState;
        return typeof state === "string" ? state : "of an unknown state";
      });
    },
    iam(action, input) {
      const body = encodeQuery("iam", action, input as Readonly<Record<string, unknown>>);
      const isRepeatable = /^(?:Get|List|Put|Update)/.test(action);
      return retried(options, { isRepeatable }, async () => {
        const request = { method: "POST", rawTarget: "/", body };
        const type = "application/x-www-form-urlencoded; charset=utf-8";
        const answer = await signAndSend("iam", request, type);
        if (answer.status !== 200) throw queryErrorOf(answer);
        return parsed(endpoint, () => decodeQuery("iam", action, answer.body)) as QueryOutputOf<
          "iam",
          typeof action
        >;
      });
    },
  };
}

/** Repeats what was throttled, and what broke on the way if it may run twice. */
async function retried<T>(
  { retryAfterMs = 200 }: ClientOptions,
  { isRepeatable }: { readonly isRepeatable: boolean },
  run: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await run();
    } catch (error) {
      if (attempt === attemptsMax || !mayRepeat(error, isRepeatable)) throw error;
      await sleep(retryAfterMs * 2 ** (attempt - 1));
    }
  }
}

function mayRepeat(error: unknown, isRepeatable: boolean): boolean {
  // A throttled request has not run; with a fault of the server or the way nobody knows.
  if (error instanceof ServiceError) {
    return error.status === 429 || (isRepeatable && error.status >= 500);
  }
  return isRepeatable && error instanceof BrokenConnection;
}

function jsonError({ status, headers, body }: IncomingAnswer): ServiceError {
  const fields = jsonObject(body);
  const header = [headers["x-amzn-errortype"]].flat()[0];
  const code = (header ?? String(fields["__type"] ?? "")).split(/[:,]/)[0] || `HTTP ${status}`;
  const message = String(fields["message"] ?? fields["Message"] ?? "no message");
  return new ServiceError({ code, message, status, requestId: requestIdOf(headers) });
}

function queryErrorOf({ status, headers, body }: IncomingAnswer): ServiceError {
  const error = decodeQueryError(body);
  const fallback = { code: `HTTP ${status}`, message: "no message", requestId: "" };
  const { code, message, requestId } = error ?? fallback;
  return new ServiceError({ code, message, status, requestId: requestId || requestIdOf(headers) });
}

function requestIdOf(headers: IncomingAnswer["headers"]): string {
  return [headers["x-amzn-requestid"]].flat()[0] ?? "";
}

function jsonObject(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(body.toString("utf8"));
    return typeof json === "object" && json !== null ? { ...json } : {};
  } catch (error) {
    if (error instanceof SyntaxError) return {};
    throw error;
  }
}

function parsed<T>(endpoint: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new CliError(`${endpoint} answered what is no Quarry answer: ${error.message}.`, 1, {
      cause: error,
    });
  }
}
