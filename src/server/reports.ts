import { openReport, type ReportRequest, reportQuestions } from "../operations/operations.ts";
import type { Services } from "../operations/operations.ts";
import { apiError } from "../wire/wire.ts";
import { recordDenial } from "./access-denied.ts";
import type { Outgoing } from "./exchange.ts";
import type { InvokeContext } from "./invoke-context.ts";

/** What reports are called in logs and metrics. */
export const reportNames: Readonly<Record<ReportRequest["kind"], string>> = {
  sync: "SyncReport",
  open: "OpenDocuments",
  readers: "DocumentReaders",
};

/**
 * Answers with a report, one JSON object a line. The caller needs leave for every operation that
 * tells the same.
 *
 * @throws AccessDeniedException, ResourceNotFoundException
 */
export async function answerReport(
  services: Services,
  request: ReportRequest,
  context: InvokeContext,
): Promise<Outgoing> {
  const { facts, caller } = context;
  for (const question of reportQuestions(request)) {
    const verdict = await services.identity.authorizeOperation(caller, { ...question, facts });
    if (verdict.isAllowed) continue;
    recordDenial(services.log, context, verdict);
    throw apiError("AccessDeniedException", { message: verdict.message });
  }
  const lines = await openReport(request, { ...services, ...context, now: facts.now });
  const headers = {
    "content-type": "application/x-ndjson",
    "x-amzn-requestid": context.requestId,
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  return { status: 200, headers, body: textOf(lines, context.signal) };
}

const chunkCharacters = 32 * 1024;

async function* textOf(
  lines: AsyncIterable<object>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  let text = "";
  for await (const line of lines) {
    signal.throwIfAborted();
    text += `${JSON.stringify(line)}\n`;
    if (text.length < chunkCharacters) continue;
    yield Buffer.from(text);
    text = "";
  }
  if (text !== "") yield Buffer.from(text);
}
