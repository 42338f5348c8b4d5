import type { ChatInputStream, ChatOutputStream } from "../contract/contract.ts";
import { apiError, decodeFrame, decodeInput, encodeChatOutputEvent } from "../wire/wire.ts";
import type { Outgoing } from "./exchange.ts";
import { linesAnswer } from "./page-answer.ts";
import type { WebBody } from "./web-body.ts";
import type { RoleCall, WebFailure } from "./web-call.ts";

const encoder = new TextEncoder();
const noBody = new Uint8Array(0);

/**
 * Asks a page's question and streams the answer: one line per event of Chat's output stream, in
 * the JSON of the wire, and one `{"error":…}` line where it breaks off. A failure before the first
 * event is thrown, to become an ordinary answer.
 */
export async function answerChat(
  call: RoleCall,
  question: { readonly applicationId: string; readonly body: WebBody },
  failureOf: (error: unknown) => WebFailure,
): Promise<Outgoing> {
  const { applicationId, body } = question;
  const { message } = body;
  if (typeof message !== "string") throw invalid("message");
  const query = new Map<string, readonly string[]>();
  for (const name of ["conversationId", "parentMessageId"]) {
    const id = body[name];
    if (id === undefined) continue;
    if (typeof id !== "string") throw invalid(name);
    query.set(name, [id]);
  }
  const labels = { applicationId };
  const input = decodeInput("Chat", { labels, query, isMalformed: false, body: noBody });
  const output = await call.invoke("Chat", { ...input, inputStream: eventsOf(message) });
  if (output.outputStream === undefined) throw new Error("Chat gave no output stream.");
  const events = output.outputStream[Symbol.asyncIterator]();
  return linesAnswer(linesOf(events, await events.next(), failureOf));
}

async function* eventsOf(userMessage: string): AsyncGenerator<ChatInputStream> {
  yield { textEvent: { userMessage } };
  yield { endOfInputEvent: {} };
}

async function* linesOf(
  events: AsyncIterator<ChatOutputStream>,
  first: IteratorResult<ChatOutputStream>,
  failureOf: (error: unknown) => WebFailure,
): AsyncGenerator<Uint8Array> {
  try {
    for (let next = first; next.done !== true; next = await events.next()) {
      yield lineOf(next.value);
    }
  } catch (error) {
    const { name, message } = failureOf(error);
    yield encoder.encode(`${JSON.stringify({ error: { name, message } })}\n`);
  } finally {
    await events.return?.();
  }
}

/** The wire's own JSON of an event: the page and the SDKs read the same values. */
function lineOf(event: ChatOutputStream): Uint8Array {
  const { headers, payload } = decodeFrame(encodeChatOutputEvent(event));
  const type = headers.get(":event-type")?.value;
  return Buffer.concat([
    encoder.encode(`{${JSON.stringify(type)}:`),
    payload,
    encoder.encode("}\n"),
  ]);
}

function invalid(name: string): Error {
  const message = `Value at '${name}' failed to satisfy constraint: Member must be a text`;
  return apiError("ValidationException", {
    message,
    reason: "FIELD_VALIDATION_FAILED",
    fields: [{ name, message }],
  });
}
