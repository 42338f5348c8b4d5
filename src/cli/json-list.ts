/** Writes values as one JSON list, one a line, as they come: however many there are. */
export async function writeJsonList(
  out: { readonly write: (text: string) => unknown },
  values: AsyncIterable<unknown>,
): Promise<void> {
  let before = "[\n";
  for await (const value of values) {
    out.write(`${before}${JSON.stringify(value)}`);
    before = ",\n";
  }
  out.write(before === "[\n" ? "[]\n" : "\n]\n");
}
