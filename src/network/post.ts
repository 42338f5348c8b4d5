import { type IncomingHttpHeaders, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import type { Agents } from "./agents.ts";

/** An answer, whole; its body is undefined where it was longer than allowed. */
export type Posted = {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer | undefined;
};

/**
 * Sends one POST request and reads the answer. Follows no redirects.
 *
 * @throws Error of the connection, the signal's reason, EgressRefused.
 */
export async function post(
  agents: Agents,
  url: URL,
  message: {
    readonly headers: readonly (readonly [string, string])[];
    readonly body: string;
    readonly answerBytesMax: number;
    readonly signal: AbortSignal;
  },
): Promise<Posted> {
  const { headers, body, answerBytesMax, signal } = message;
  signal.throwIfAborted();
  const isSecure = url.protocol === "https:";
  const { promise, resolve, reject } = Promise.withResolvers<Posted>();
  const request = (isSecure ? requestHttps : requestHttp)(url, {
    method: "POST",
    agent: isSecure ? agents.https : agents.http,
    headers: { ...Object.fromEntries(headers), "content-length": Buffer.byteLength(body) },
    signal,
  });
  request.on("error", reject);
  request.once("response", (response) => {
    const pieces: Buffer[] = [];
    let sizeBytes = 0;
    const { statusCode: status = 0, headers: answered } = response;
    response.on("error", reject);
    response.on("data", (piece: Buffer) => {
      sizeBytes += piece.length;
      if (sizeBytes <= answerBytesMax) return void pieces.push(piece);
      resolve({ status, headers: answered, body: undefined });
      request.destroy();
    });
    response.once("end", () => {
      resolve({ status, headers: answered, body: Buffer.concat(pieces) });
    });
    // An answer that breaks off has no end.
    response.once("close", () => reject(new Error("the answer broke off")));
  });
  request.end(body);
  return promise;
}
