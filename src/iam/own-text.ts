/** Gives texts a life of their own, each once. */
export type OwnText = (text: string) => string;

/**
 * A part of a document keeps the whole document in memory. What a compiled policy holds on to is
 * therefore copied out of it, and repeated texts (accounts, keys) are held once.
 */
export function ownTexts(): OwnText {
  const owned = new Map<string, string>();
  return (text) => {
    const known = owned.get(text);
    if (known !== undefined) return known;
    const copy = copyOf(text);
    owned.set(copy, copy);
    return copy;
  };
}

function copyOf(text: string): string {
  const bytes = Buffer.from(text, "latin1");
  const copy = bytes.toString("latin1");
  // Escapes can name characters beyond Latin-1, which this way does not carry.
  return copy === text ? copy : Buffer.from(text, "utf16le").toString("utf16le");
}
