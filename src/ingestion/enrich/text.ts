import type { Chunk } from "../../documents/documents.ts";

/**
 * What each chunk says that the ones before it did not. Chunks may overlap by a sentence and repeat
 * a table's header; those that say nothing of their own are left out.
 */
export function ownTextsOf(
  chunks: readonly Chunk[],
): readonly { readonly chunk: Chunk; readonly text: string }[] {
  const own: { readonly chunk: Chunk; readonly text: string }[] = [];
  let end = 0;
  for (const chunk of chunks) {
    const { text, beginOffset, endOffset } = chunk;
    if (endOffset <= end) continue;
    // A repeated header stands before the chunk's own text.
    const whole = text.slice(text.length - (endOffset - beginOffset));
    own.push({ chunk, text: whole.slice(Math.max(0, end - beginOffset)) });
    end = endOffset;
  }
  return own;
}

/**
 * The extracted plain text that chunks were cut from. Between them is only white space, which comes
 * back as line breaks.
 */
export function plainTextOf(chunks: readonly Chunk[]): string {
  const pieces: string[] = [];
  let end = 0;
  for (const { chunk, text } of ownTextsOf(chunks)) {
    const gap = Math.max(0, chunk.beginOffset - end);
    pieces.push("\n".repeat(Math.min(gap, 2)), text);
    end = chunk.endOffset;
  }
  return pieces.join("").trim();
}
