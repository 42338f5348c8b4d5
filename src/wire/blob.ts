/**
 * Decodes base64 with padding, and nothing else: Node's own decoder skips what it does not know.
 * Undefined for white space, the URL alphabet, missing or misplaced padding.
 */
export function decodeBase64(text: string): Buffer | undefined {
  if (text.length % 4 !== 0 || text.includes("-") || text.includes("_")) return undefined;
  if (Buffer.byteLength(text) !== text.length) return undefined;
  const padding = text.endsWith("==") ? 2 : Number(text.endsWith("="));
  const bytes = Buffer.from(text, "base64");
  // A character that was skipped is missing from the length.
  return bytes.length === (text.length / 4) * 3 - padding ? bytes : undefined;
}
