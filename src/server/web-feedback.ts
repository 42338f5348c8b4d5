import { decodeInput } from "../wire/wire.ts";
import type { Outgoing } from "./exchange.ts";
import { jsonAnswer } from "./page-answer.ts";
import type { WebBody } from "./web-body.ts";
import type { RoleCall } from "./web-call.ts";

/** Passes on what a visitor thought of an answer ("PutFeedback", API reference). */
export async function answerFeedback(
  call: RoleCall,
  feedback: { readonly applicationId: string; readonly body: WebBody; readonly now: Date },
): Promise<Outgoing> {
  const { applicationId, body, now } = feedback;
  const labels = {
    applicationId,
    conversationId: textOf(body["conversationId"]),
    messageId: textOf(body["messageId"]),
  };
  const members = {
    messageUsefulness: withTime(body["messageUsefulness"], now),
    messageCopiedAt: body["messageCopiedAt"],
  };
  const raw = { labels, query: new Map<string, readonly string[]>(), isMalformed: false };
  const input = decodeInput("PutFeedback", { ...raw, body: Buffer.from(JSON.stringify(members)) });
  await call.invoke("PutFeedback", input);
  return jsonAnswer(200, {});
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/** The page does not say when: its clock may be wrong, ours counts. */
function withTime(usefulness: unknown, now: Date): unknown {
  const isObject = typeof usefulness === "object" && usefulness !== null;
  return isObject ? { ...usefulness, submittedAt: now.getTime() / 1000 } : usefulness;
}
