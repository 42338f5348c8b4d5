import { reasonOf, type Log } from "../core/log.ts";
import type { Caller } from "../identity/identity.ts";
import {
  type QueryCall,
  queryCaller,
  queryDenied,
  queryQuestions,
  runQuery,
  type Services,
} from "../operations/operations.ts";
import {
  decodeQueryRequest,
  encodeQueryAnswer,
  encodeQueryError,
  QueryError,
} from "../wire/wire.ts";
import { recordDenial } from "./access-denied.ts";
import type { Incoming, Outgoing } from "./exchange.ts";
import type { InvokeContext } from "./invoke-context.ts";

/** What the query services work with. */
export type QueryHandler = { readonly services: Services; readonly log: Log };

/** A proven request to IAM or STS. */
export type QueryRequestContext = {
  readonly service: "iam" | "sts";
  readonly incoming: Incoming;
  readonly body: Uint8Array;
  readonly context: InvokeContext;
};

/**
 * Answers a proven request of the query services: decode, authorize, run, encode. Every question
 * that the action asks about the caller must be allowed before it runs.
 *
 * @param note.operation called with the action's name once it is known
 * @param note.caller called with who calls, once that is proven
 * @param note.error called with the code of the error that the answer carries
 */
export async function answerQuery(
  { services, log }: QueryHandler,
  { service, incoming, body, context }: QueryRequestContext,
  note: {
    readonly operation: (name: string) => void;
    readonly caller: (caller: Caller) => void;
    readonly error: (code: string) => void;
  },
): Promise<Outgoing> {
  const { requestId } = context;
  try {
    const mark = incoming.rawTarget.indexOf("?");
    const query = mark === -1 ? "" : incoming.rawTarget.slice(mark + 1);
    const request = decodeQueryRequest(service, { query, body });
    note.operation(request.action);
    const signed: QueryCall = { ...services, ...context, now: context.facts.now };
    const caller = await queryCaller(request, signed);
    if (caller === undefined) throw new Error("An action that must be signed was not.");
    note.caller(caller);
    const call = { ...signed, caller };
    for (const question of await queryQuestions(request, call)) {
      const verdict = await services.identity.authorize(caller, question);
      if (!verdict.isAllowed) {
        recordDenial(log, { requestId, caller }, verdict);
        throw queryDenied(request, call, verdict);
      }
    }
    return answerOf(encodeQueryAnswer(request, await runQuery(request, call), requestId));
  } catch (error) {
    if (error instanceof QueryError) note.error(error.code);
    else {
      note.error("InternalFailure");
      log("error", "request.failed", { requestId, reason: reasonOf(error) });
    }
    return answerOf(encodeQueryError(error, { service, requestId }));
  }
}

function answerOf({ status, headers, body }: ReturnType<typeof encodeQueryError>): Outgoing {
  const always = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
  return { status, headers: { ...headers, ...always }, body };
}
