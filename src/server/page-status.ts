import { type Database, settings } from "../store/store.ts";
import type { Outgoing } from "./exchange.ts";
import type { Gauge, Metrics } from "./metrics.ts";
import { htmlAnswer, jsonAnswer, textAnswer } from "./page-answer.ts";
import { plainPage } from "./page-text.ts";

/** `GET /health`: whether this process can do its work, for load balancers and start scripts. */
export async function healthAnswer(db: Pick<Database, "read">): Promise<Outgoing> {
  try {
    await settings.find(db.read, "health");
    return jsonAnswer(200, { status: "ok" });
  } catch {
    const reason = "The database does not answer.";
    return jsonAnswer(503, { status: "unavailable", reason }, { "retry-after": "5" });
  }
}

/** `GET /metrics` ("Exposition formats", Prometheus documentation: text format 0.0.4). */
export async function metricsAnswer(
  metrics: Metrics,
  gauges: () => readonly Gauge[] | Promise<readonly Gauge[]>,
): Promise<Outgoing> {
  const text = metrics.render(await gauges());
  return textAnswer(200, text, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
}

/** `GET /`: what answers here. */
export function rootAnswer(version: string): Outgoing {
  return htmlAnswer(
    200,
    plainPage("/", {
      title: "Quarry",
      paragraphs: [
        `Version ${version} of Quarry answers here. It speaks the Amazon Q Business API: set AWS_ENDPOINT_URL to this address and use the AWS command line or any AWS SDK.`,
        "Chat pages are at /web/{applicationId}/{webExperienceId}. Quarry's folder has the documentation: README.md, then docs/.",
      ],
    }),
  );
}
