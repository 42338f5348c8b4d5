import type { Chunk } from "../documents/documents.ts";

/**
 * The extracted plain text that chunks were cut from. Chunks may overlap by a sentence and repeat a
 * table's header; between them is only white space, which comes back as line breaks.
 */
export function plainTextOf(chunks: readonly Chunk[]): string {
  const pieces: string[] = [];
  let end = 0;
  for (const { text, beginOffset, endOffset } of chunks) {
    if (endOffset <= end) continue;
    // A repeated header stands before the chunk's own text.
    const own = text.slice(text.length - (endOffset - beginOffset));
    if (beginOffset > end) pieces.push("\n".repeat(Math.min(beginOffset - end, 2)));
    pieces.push(own.slice(Math.max(0, end - beginOffset)));
    end = endOffset;
  }
  return pieces.join("").trim();
}
