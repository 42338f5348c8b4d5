import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { createVerifier, hashBody, parseAuthentication } from "../../sigv4/sigv4.ts";

/** A request as it came, its signature checked. */
export type SeenRequest = {
  readonly method: string;
  readonly rawTarget: string;
  readonly body: Buffer;
  readonly contentType: string | undefined;
  /** Service and Region it was signed for; undefined for a signature that is missing or wrong. */
  readonly signedFor: string | undefined;
};

/** What to answer. */
export type TinyAnswer = {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Breaks the connection instead of answering. */
  readonly breaks?: boolean;
};

export const tinyKey = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "tiny-secret" };
export const tinyNow = new Date("2026-03-04T05:06:07Z");

/** A server that keeps what it was asked and answers what a test says. */
export async function tinyServer(
  answer: (request: SeenRequest, count: number) => TinyAnswer,
): Promise<AsyncDisposable & { readonly url: string; readonly seen: readonly SeenRequest[] }> {
  const seen: SeenRequest[] = [];
  const verifier = createVerifier({
    acceptedServices: ["qbusiness", "iam"],
    acceptedRegions: ["eu-central-1"],
  });
  const listener: RequestListener = (message, response) => {
    void buffer(message).then((body) => {
      const request = { ...seenOf(message, body), signedFor: signedFor(message, body, verifier) };
      seen.push(request);
      const {
        status = 200,
        headers = {},
        body: text = "{}",
        breaks,
      } = answer(request, seen.length);
      if (breaks === true) return message.socket.destroy();
      return response.writeHead(status, headers).end(text);
    });
  };
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    seen,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function seenOf({ method = "", url = "", headers }: IncomingMessage, body: Buffer) {
  return { method, rawTarget: url, body, contentType: headers["content-type"] };
}

function signedFor(
  message: IncomingMessage,
  body: Buffer,
  verifier: ReturnType<typeof createVerifier>,
): string | undefined {
  const { method = "", url: rawTarget = "", rawHeaders } = message;
  const headers = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [[name.toLowerCase(), rawHeaders[at + 1] ?? ""] as const] : [],
  );
  const parsed = parseAuthentication({ method, rawTarget, headers });
  if (!parsed.ok) return undefined;
  const { accessKeyId, sessionToken } = parsed.authentication;
  const session = {
    isToken: (token: string) => token === "token",
    expiresAt: new Date("2030-01-01"),
  };
  const verdict = verifier.verify(parsed.authentication, {
    owner:
      accessKeyId === tinyKey.accessKeyId
        ? {
            secretAccessKey: tinyKey.secretAccessKey,
            ...(sessionToken === undefined ? {} : { session }),
          }
        : undefined,
    now: tinyNow,
    bodyHash: hashBody(body),
  });
  return verdict.ok ? `${verdict.service} ${verdict.region}` : undefined;
}
