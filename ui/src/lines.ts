const lineCharsMax = 4_000_000;

/**
 * Splits a stream of bytes into its lines, without the line ends and without empty lines. A line may
 * arrive in any number of pieces, cut inside a character as well. Throws when a line gets longer than
 * 4 million characters; cancels the stream when the reader leaves early.
 */
export async function* readLines(stream: ReadableStream<Uint8Array>): AsyncGenerator<string, void> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  let rest = "";
  let isOver = false;
  try {
    while (!isOver) {
      const { done, value } = await reader.read();
      isOver = done;
      rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
      const lines = rest.split("\n");
      rest = isOver ? "" : (lines.pop() ?? "");
      if (rest.length > lineCharsMax) throw new Error("A line of the answer is too long.");
      for (const line of lines) if (line.trim() !== "") yield line.trimEnd();
    }
  } finally {
    // A reader that stops half-way tells the server, so that it need not go on answering.
    if (!isOver) await reader.cancel().catch(() => undefined);
    reader.releaseLock();
  }
}
