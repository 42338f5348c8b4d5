import type { Log } from "../core/log.ts";
import type { Incoming } from "./exchange.ts";
import type { Metrics } from "./metrics.ts";

/** What is known of a request when it has been answered. No header, query or body is among it. */
export type RequestRecord = {
  readonly requestId: string;
  readonly service: string;
  readonly operation: string;
  readonly status: number;
  readonly errorName?: string | undefined;
  readonly caller?: string | undefined;
  readonly durationMs: number;
};

/** Writes the access log and counts. */
export function recordRequest(
  incoming: Incoming,
  record: RequestRecord,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): void {
  metrics.countRequest(record);
  log(record.status >= 500 ? "error" : "info", "request", {
    requestId: record.requestId,
    method: incoming.method,
    service: record.service,
    operation: record.operation,
    status: record.status,
    error: record.errorName,
    caller: record.caller,
    remote: incoming.remoteAddress,
    http: incoming.httpVersion,
    durationMs: Math.round(record.durationMs * 10) / 10,
  });
}
