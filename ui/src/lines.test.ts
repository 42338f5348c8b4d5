import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { readLines } from "./lines.ts";

function streamOf(
  chunks: readonly Uint8Array[],
  onCancel = (): void => undefined,
): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream({
    pull(controller) {
      const chunk = rest.shift();
      if (chunk === undefined) controller.close();
      else controller.enqueue(chunk);
    },
    cancel: onCancel,
  });
}

test("lines arrive whole however the bytes are cut", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.stringMatching(/^[a-z é🦦"{}]*[a-zé🦦"{}]$/u), { maxLength: 6 }),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 20 }),
      async (lines, sizes) => {
        const bytes = new TextEncoder().encode(lines.join("\n"));
        const chunks: Uint8Array[] = [];
        for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          chunks.push(bytes.slice(at, at + size));
          at += size;
        }
        assert.deepEqual(await Array.fromAsync(readLines(streamOf(chunks))), lines);
      },
    ),
  );
});

test("empty lines and the line ends of other systems are left out", async () => {
  const bytes = new TextEncoder().encode("a\r\n\n  \nb\n");
  assert.deepEqual(await Array.fromAsync(readLines(streamOf([bytes]))), ["a", "b"]);
});

test("a reader that leaves early cancels the stream", async () => {
  let isCancelled = false;
  const bytes = new TextEncoder().encode("a\nb\n");
  const stream = streamOf([bytes, bytes, bytes], () => {
    isCancelled = true;
  });
  for await (const line of readLines(stream)) {
    assert.equal(line, "a");
    break;
  }
  assert.ok(isCancelled);
});

test("a line without an end is refused before it fills the memory", async () => {
  const chunk = new Uint8Array(1_000_000).fill(97);
  const endless = new ReadableStream<Uint8Array>({
    pull: (controller) => controller.enqueue(chunk),
  });
  await assert.rejects(Array.fromAsync(readLines(endless)), /too long/);
});
