/**
 * Percent-decodes once; undefined for a broken escape or bytes that are no UTF-8. A plus sign
 * stays one: clients encode a space as %20, and signatures read a plus as a plus.
 */
export function percentDecode(text: string): string | undefined {
  if (!text.includes("%")) return text;
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}
