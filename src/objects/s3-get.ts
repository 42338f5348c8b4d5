import { failed, type Failed, type GetRequest, type ObjectFacts } from "./object-store.ts";
import { factsOf, ownerOf, sdk, type S3Access } from "./s3-access.ts";
import type { Sink } from "./sink.ts";

/** The connection ended, without an error, before all of the content had come. */
class IncompleteBody extends Error {
  override readonly name = "IncompleteBody";
}

/**
 * Reads one object into a sink. An answer that breaks off is asked for again from its beginning.
 * The etag is compared here as well, for stores that do not know `If-Match`.
 */
export async function getS3<Kind extends "object" | "file", Result>(
  access: S3Access,
  request: GetRequest,
  kind: Kind,
  sink: Sink<Result>,
): Promise<({ kind: Kind; contentHash: string } & ObjectFacts & Result) | Failed> {
  const { bucket, key, ifMatch, maxBytes } = request;
  await using released = new AsyncDisposableStack();
  released.defer(sink.discard);
  return await access.run(request, async (signal, heard) => {
    const [{ GetObjectCommand }, client] = await Promise.all([sdk(), access.client()]);
    await sink.start();
    const match = ifMatch === undefined ? {} : { IfMatch: `"${ifMatch}"` };
    const command = new GetObjectCommand({
      Bucket: bucket,
      Key: key,
      ...match,
      ...ownerOf(request),
    });
    const answer = await client.send(command, { abortSignal: signal });
    const facts = factsOf(answer);
    const body = answer.Body as AsyncIterable<Uint8Array> & { destroy: (error?: Error) => void };
    const end = (): void => body.destroy(new Error("aborted"));
    signal.addEventListener("abort", end, { once: true });
    try {
      if (ifMatch !== undefined && ifMatch !== facts.etag) {
        return failed("changed", request, `Object "${key}" has changed.`);
      }
      const tooLarge = `Object "${key}" is larger than ${maxBytes} bytes (maxBytes).`;
      if (facts.sizeBytes > maxBytes) return failed("tooLarge", request, tooLarge);
      for await (const chunk of body) {
        heard();
        if (!(await sink.write(chunk))) return failed("tooLarge", request, tooLarge);
      }
    } finally {
      signal.removeEventListener("abort", end);
      body.destroy();
    }
    const whole = await sink.finish();
    if (answer.ContentLength !== undefined && whole.sizeBytes !== answer.ContentLength) {
      throw new IncompleteBody(`${whole.sizeBytes} of ${answer.ContentLength} bytes came`);
    }
    released.move();
    return { kind, ...facts, ...whole };
  });
}
