import type { Readable } from "node:stream";
import { apiError } from "../wire/wire.ts";

/** Bytes of requests that may be in memory at once, over all requests. */
export type BodyBudget = {
  readonly take: (sizeBytes: number) => boolean;
  readonly give: (sizeBytes: number) => void;
};

/** A budget shared by all requests: many large bodies at once must not exhaust the memory. */
export function createBodyBudget(sizeBytesMax: number): BodyBudget {
  let used = 0;
  return {
    take: (sizeBytes) => {
      if (used + sizeBytes > sizeBytesMax) return false;
      used += sizeBytes;
      return true;
    },
    give: (sizeBytes) => {
      used -= sizeBytes;
    },
  };
}

/** A body, and what gives its memory back. */
export type ReadBody = { readonly bytes: Buffer; readonly release: () => void };

const emptyBody: ReadBody = { bytes: Buffer.alloc(0), release: () => undefined };

/**
 * Reads a body whole.
 *
 * @throws RequestEntityTooLargeException above `sizeBytesMax`, ThrottlingException where too many
 * large bodies are being read at the same time.
 */
export async function readBody(
  body: Readable,
  options: {
    readonly sizeBytesMax: number;
    readonly declaredBytes: number | undefined;
    readonly budget: BodyBudget;
  },
): Promise<ReadBody> {
  const { sizeBytesMax, declaredBytes, budget } = options;
  if (declaredBytes === 0) return emptyBody;
  if (declaredBytes !== undefined && declaredBytes > sizeBytesMax) throw tooLarge(sizeBytesMax);
  const chunks: Buffer[] = [];
  let size = 0;
  const release = (): void => budget.give(size);
  try {
    // Leaving the loop must not destroy the request: on HTTP/1.1 its socket would go with it, and
    // the refusal would never arrive.
    for await (const chunk of body.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      if (size + chunk.length > sizeBytesMax) throw tooLarge(sizeBytesMax);
      if (!budget.take(chunk.length)) throw tooBusy();
      size += chunk.length;
      chunks.push(chunk);
    }
  } catch (error) {
    release();
    throw error;
  }
  const [only] = chunks;
  return {
    bytes: only !== undefined && chunks.length === 1 ? only : Buffer.concat(chunks),
    release,
  };
}

function tooLarge(sizeBytesMax: number): Error {
  const mebibytes = Math.floor(sizeBytesMax / 1024 / 1024);
  return apiError("RequestEntityTooLargeException", {
    message: `The request body is larger than ${mebibytes} MiB, the most this server takes. Put large documents into a bucket and name them with content.s3.`,
  });
}

function tooBusy(): Error {
  return apiError("ThrottlingException", {
    message: "Too many large requests are being read at once; try again in a moment.",
  });
}
