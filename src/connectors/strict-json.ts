/** JSON, or why the bytes are none. */
export type StrictJson = { readonly value: unknown } | { readonly error: string };

/**
 * Reads JSON as the connector's control files must be written: UTF-8 without byte-order mark.
 */
export function parseStrictJson(bytes: Uint8Array): StrictJson {
  if (bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) {
    return { error: "it starts with a byte-order mark" };
  }
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) return { error: "it is not UTF-8" };
    throw error;
  }
  try {
    return { value: JSON.parse(text) };
  } catch (error) {
    if (error instanceof SyntaxError) return { error: "it is not JSON" };
    throw error;
  }
}
