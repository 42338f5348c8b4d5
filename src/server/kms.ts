import { reasonOf } from "../core/log.ts";
import { decodeKms, type KmsCall, kmsQuestions, runKms } from "../operations/operations.ts";
import { encodeJson, encodeJsonError, JsonError, jsonError, jsonTarget } from "../wire/wire.ts";
import { recordDenial } from "./access-denied.ts";
import { headerOf, type Incoming, type Outgoing } from "./exchange.ts";
import type { InvokeContext } from "./invoke-context.ts";
import type { QueryHandler } from "./query.ts";

/** A proven request to the KMS. */
export type KmsRequestContext = {
  readonly incoming: Incoming;
  readonly body: Uint8Array;
  readonly context: InvokeContext;
};

/** The longest policy, every letter of it escaped, and room for the rest. */
const bodyBytesMax = 1024 * 1024;

/**
 * Answers a proven request of the KMS: decode, authorize, run, encode. Every question that the
 * operation asks about the caller must be allowed before it runs.
 *
 * @param note.operation called with the operation's name once it is known
 * @param note.error called with the code of the error that the answer carries
 */
export async function answerKms(
  { services, log }: QueryHandler,
  { incoming, body, context }: KmsRequestContext,
  note: {
    readonly operation: (name: string) => void;
    readonly error: (code: string) => void;
  },
): Promise<Outgoing> {
  const { requestId, caller } = context;
  const call: KmsCall = { ...services, ...context, now: context.facts.now };
  try {
    const request = decodeKms(operationOf(incoming), withinLimit(body));
    note.operation(request.operation);
    for (const question of await kmsQuestions(request, call)) {
      const verdict = await services.identity.authorize(caller, question);
      if (!verdict.isAllowed) {
        recordDenial(log, context, verdict);
        throw jsonError("AccessDeniedException", verdict.message);
      }
    }
    return answerOf(encodeJson(await runKms(request, call), requestId));
  } catch (error) {
    if (error instanceof JsonError) note.error(error.code);
    else {
      note.error("KMSInternalException");
      log("error", "request.failed", { requestId, reason: reasonOf(error) });
    }
    return answerOf(encodeJsonError(error, requestId));
  }
}

function operationOf(incoming: Incoming): string {
  const { method, rawTarget: path } = incoming;
  const target = headerOf(incoming, "x-amz-target");
  return jsonTarget("TrentService", { method, path, target });
}

function withinLimit(body: Uint8Array): Uint8Array {
  if (body.length <= bodyBytesMax) return body;
  const message = `The request body has ${body.length} bytes; the limit is ${bodyBytesMax}.`;
  throw jsonError("SerializationException", message);
}

function answerOf({ status, headers, body }: ReturnType<typeof encodeJsonError>): Outgoing {
  const always = { "cache-control": "no-store", "x-content-type-options": "nosniff" };
  return { status, headers: { ...headers, ...always }, body };
}
