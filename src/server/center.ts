import { reasonOf } from "../core/log.ts";
import {
  CenterError,
  createTokenWithIam,
  type QueryCall,
  readTokenRequest,
  tokenQuestion,
} from "../operations/operations.ts";
import { recordDenial } from "./access-denied.ts";
import type { Incoming, Outgoing } from "./exchange.ts";
import type { InvokeContext } from "./invoke-context.ts";
import type { QueryHandler } from "./query.ts";

/** The name by which requests to the directory's token endpoint are signed. */
export const centerService = "sso-oauth";

const bodyBytesMax = 64 * 1024;

/**
 * Answers a proven request to the directory's token endpoint: decode, authorize, run, encode. It
 * has one operation, CreateTokenWithIAM.
 */
export async function answerCenter(
  { services, log }: QueryHandler,
  request: {
    readonly incoming: Incoming;
    readonly body: Uint8Array;
    readonly context: InvokeContext;
  },
  note: {
    readonly operation: (name: string) => void;
    readonly error: (code: string) => void;
  },
): Promise<Outgoing> {
  const { incoming, body, context } = request;
  const { requestId, caller, facts } = context;
  const call: QueryCall = { ...services, ...context, now: facts.now };
  try {
    checkTarget(incoming, body);
    note.operation("CreateTokenWithIAM");
    const input = readTokenRequest(body);
    const question = { ...tokenQuestion(input, call), facts };
    const verdict = await services.identity.authorize(caller, question);
    if (!verdict.isAllowed) {
      recordDenial(log, context, verdict);
      throw new CenterError("AccessDeniedException", verdict.message);
    }
    return answerOf(200, await createTokenWithIam(input, call), { requestId });
  } catch (error) {
    const known = error instanceof CenterError ? error : hidden(requestId);
    note.error(known.code);
    if (known !== error) log("error", "request.failed", { requestId, reason: reasonOf(error) });
    const { code, status, oauthName, message } = known;
    const told = { error: oauthName, error_description: message, message };
    return answerOf(status, told, { requestId, code });
  }
}

function checkTarget({ method, rawTarget }: Incoming, { length }: Uint8Array): void {
  if (method !== "POST" || !/^\/token\?aws_iam=t(?:rue)?$/.test(rawTarget)) {
    throw new CenterError("InvalidRequestException", "There is POST /token?aws_iam=t only.");
  }
  if (length <= bodyBytesMax) return;
  const message = `The request body has ${length} bytes; the limit is ${bodyBytesMax}.`;
  throw new CenterError("InvalidRequestException", message);
}

function hidden(requestId: string): CenterError {
  const message = `The server failed to answer this request; the operator finds it in the log as ${requestId}.`;
  return new CenterError("InternalServerException", message);
}

function answerOf(
  status: number,
  members: object,
  { requestId, code }: { readonly requestId: string; readonly code?: string },
): Outgoing {
  const headers = {
    "content-type": "application/json",
    "x-amzn-requestid": requestId,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    ...(code === undefined ? {} : { "x-amzn-errortype": code }),
  };
  return { status, headers, body: Buffer.from(JSON.stringify(members)) };
}
