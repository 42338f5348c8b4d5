import { CliError } from "./context.ts";

const lineBytesMax = 16 * 1024 * 1024;

/**
 * The lines of a text in UTF-8, without the empty ones. Only line feeds end a line.
 *
 * @throws CliError for a text that ends within a line: the rest of it is missing.
 */
export async function* readLines(chunks: AsyncIterable<Buffer>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield line;
    if (rest.length > lineBytesMax) throw new CliError("A line of the answer does not end.");
  }
  if (rest + decoder.decode() !== "") throw new CliError("The answer ends within a line.");
}
