import { randomUUID } from "node:crypto";
import type { ChatOutputStream, OperationName } from "../contract/contract.ts";
import type { Clock } from "../core/clock.ts";
import { type Log, reasonOf } from "../core/log.ts";
import { type Caller, callerName } from "../identity/identity.ts";
import { type Authentication, parseAuthentication, type Refusal } from "../sigv4/sigv4.ts";
import {
  ApiError,
  decodeInput,
  encodeChatOutputEvent,
  encodeError,
  encodeOutput,
  encodeStreamError,
  route,
  toApiError,
  unknownOperation,
} from "../wire/wire.ts";
import { authenticate, type AuthenticateOptions, readUnsigned } from "./authenticate.ts";
import { answerCenter, centerService } from "./center.ts";
import { readChatInput } from "./chat-input.ts";
import type { Incoming, Outgoing } from "./exchange.ts";
import type { Invoke } from "./invoke.ts";
import { answerKms } from "./kms.ts";
import type { Metrics } from "./metrics.ts";
import { routeReport, unsignedActions } from "../operations/operations.ts";
import { answerQuery, type QueryHandler } from "./query.ts";
import type { ReadBody } from "./read-body.ts";
import { refusalAnswer } from "./refusal-answer.ts";
import { answerReport, reportNames } from "./reports.ts";
import { requestFacts } from "./request-facts.ts";
import { recordRequest } from "./request-record.ts";

/** What the handler works with. */
export type HandlerOptions = AuthenticateOptions & {
  readonly invoke: Invoke;
  readonly query: QueryHandler;
  readonly region: string;
  readonly now: Clock;
  readonly log: Log;
  readonly metrics: Metrics;
};

/** The request as far as it got; the access log is written from it. */
type Progress = { service: string; operation: string; caller?: Caller; errorName?: string };

/** Answers one signed request, of any service on the port. */
export type Handle = (incoming: Incoming) => Promise<Outgoing>;

/**
 * The way of a request, in order: route, authenticate, decode, authorize, run, encode, record.
 * The order decides which error wins; see docs/decisions/0002-order-of-checks.md.
 */
export function createHandle(options: HandlerOptions): Handle {
  return async (incoming) => {
    const startedAt = performance.now();
    const requestId = randomUUID();
    const progress: Progress = { service: "qbusiness", operation: "unknown" };
    const answer = await answerRequest(incoming, { ...options, requestId, progress });
    const caller = progress.caller && callerName(progress.caller);
    const durationMs = performance.now() - startedAt;
    const { service, operation, errorName } = progress;
    const { status } = answer;
    const record = { requestId, service, operation, status, errorName, caller, durationMs };
    recordRequest(incoming, record, options);
    return answer;
  };
}

type Handling = HandlerOptions & { readonly requestId: string; readonly progress: Progress };

async function answerRequest(incoming: Incoming, handling: Handling): Promise<Outgoing> {
  const { progress, requestId } = handling;
  let body: ReadBody | undefined;
  try {
    const target = route(incoming.method, incoming.rawTarget);
    if (target !== undefined) progress.operation = target.operation;
    const parsed = parseAuthentication(incoming);
    if (!parsed.ok) {
      const isUnsigned = parsed.refusal.reason === "missing";
      body = isUnsigned ? await readUnsigned(incoming, unsignedOptions(handling)) : undefined;
      if (body !== undefined) return await answerUnsigned(incoming, body, handling);
      return refuse(incoming, handling, parsed.refusal, undefined);
    }
    const { authentication } = parsed;
    progress.service = authentication.scope.service;
    const proven = await authenticate(incoming, authentication, handling);
    if (!proven.ok) return refuse(incoming, handling, proven.refusal, authentication);
    body = proven.body;
    progress.caller = proven.caller;
    const facts = requestFacts(incoming, { now: handling.now(), region: handling.region });
    const { caller, service } = proven;
    const context = { requestId, caller, facts, signal: incoming.signal };
    if (service === "iam" || service === "sts") {
      const query = { service, incoming, body: body?.bytes ?? Buffer.alloc(0), context } as const;
      return await answerQuery(handling.query, query, noteIn(progress));
    }
    if (service === "kms") {
      const kms = { incoming, body: body?.bytes ?? Buffer.alloc(0), context };
      return await answerKms(handling.query, kms, noteIn(progress));
    }
    if (service === centerService) {
      const center = { incoming, body: body?.bytes ?? Buffer.alloc(0), context };
      return await answerCenter(handling.query, center, noteIn(progress));
    }
    if (target === undefined) {
      const report = routeReport(incoming.method, incoming.rawTarget);
      if (report === undefined) throw unknownOperation();
      progress.operation = reportNames[report.kind];
      return await answerReport(handling.query.services, report, context);
    }
    const { operation } = target;
    const input = decodeInput(operation, { ...target, body: body?.bytes ?? Buffer.alloc(0) });
    if (operation === "Chat") {
      const inputStream = readChatInput(incoming.body, proven.seed, handling.now);
      const output = await handling.invoke("Chat", { ...input, inputStream } as never, context);
      return await streamAnswer(output.outputStream, requestId);
    }
    const output = await handling.invoke(operation, input, context);
    return jsonAnswer(operation, output, requestId);
  } catch (error) {
    return failure(error, handling);
  } finally {
    body?.release();
  }
}

function noteIn(progress: Progress): Parameters<typeof answerQuery>[2] {
  return {
    operation: (name) => (progress.operation = name),
    caller: (caller) => (progress.caller = caller),
    error: (code) => (progress.errorName = code),
  };
}

function unsignedOptions({ budget }: Handling): Parameters<typeof readUnsigned>[1] {
  return { budget, actions: unsignedActions };
}

/** Answers a call that nobody signed; what it carries proves who calls, or it is refused. */
function answerUnsigned(
  incoming: Incoming,
  { bytes }: ReadBody,
  handling: Handling,
): Promise<Outgoing> {
  const { query, requestId, progress } = handling;
  progress.service = "sts";
  const { accountId } = query.services.identity;
  const caller: Caller = { principal: { type: "anonymous" }, accountId, entityId: undefined };
  const facts = requestFacts(incoming, { now: handling.now(), region: handling.region });
  const context = { requestId, caller, facts, signal: incoming.signal };
  return answerQuery(query, { service: "sts", incoming, body: bytes, context }, noteIn(progress));
}

function refuse(
  incoming: Incoming,
  { progress, requestId }: Handling,
  refusal: Refusal,
  authentication: Authentication | undefined,
): Outgoing {
  progress.errorName = refusal.code;
  return refusalAnswer(incoming, refusal, { requestId, authentication });
}

function failure(error: unknown, { log, requestId, progress }: Handling): Outgoing {
  const refused = toApiError(error, requestId);
  progress.errorName = refused.name;
  if (!(error instanceof ApiError)) {
    log("error", "request.failed", { requestId, reason: reasonOf(error), stack: stackOf(error) });
  }
  const { status, headers, body } = encodeError(error, requestId);
  return { status, headers: { ...headers, ...always() }, body };
}

function stackOf(error: unknown): string | undefined {
  return error instanceof Error ? error.stack : undefined;
}

function jsonAnswer<Name extends Exclude<OperationName, "Chat">>(
  operation: Name,
  output: Parameters<typeof encodeOutput<Name>>[1],
  requestId: string,
): Outgoing {
  const headers = { "content-type": "application/json", "x-amzn-requestid": requestId };
  return {
    status: 200,
    headers: { ...headers, ...always() },
    body: encodeOutput(operation, output),
  };
}

/**
 * Waits for the first event, because until then a failure can still be an ordinary error answer;
 * then streams. Clients resolve their call with the first bytes, so headers never go out alone.
 */
async function streamAnswer(
  events: AsyncIterable<ChatOutputStream> | undefined,
  requestId: string,
): Promise<Outgoing> {
  if (events === undefined) throw new Error("Chat gave no output stream.");
  const iterator = events[Symbol.asyncIterator]();
  const first = await iterator.next();
  async function* frames(): AsyncGenerator<Uint8Array> {
    try {
      for (let next = first; next.done !== true; next = await iterator.next()) {
        yield encodeChatOutputEvent(next.value);
      }
    } catch (error) {
      yield encodeStreamError(error, requestId);
    } finally {
      await iterator.return?.();
    }
  }
  const headers = {
    "content-type": "application/vnd.amazon.eventstream",
    "x-amzn-requestid": requestId,
  };
  return { status: 200, headers: { ...headers, ...always() }, body: frames() };
}

/** Clients correct their clocks by the Date header, which Node adds to every answer. */
function always(): Readonly<Record<string, string>> {
  return { "cache-control": "no-store", "x-content-type-options": "nosniff" };
}
