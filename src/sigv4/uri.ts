// Percent-encoding over wire bytes. A character is a byte (Latin-1, as Node reads a request);
// text with characters above U+00FF cannot come from a wire and counts as Unicode.

const hexDigits = "0123456789ABCDEF";
const slash = 0x2f;
const percent = 0x25;

/** Per byte its encoded form: itself when unreserved (`A-Z a-z 0-9 - . _ ~`), else `%XX`. */
const encodedBytes: readonly string[] = Array.from({ length: 256 }, (_, byte) => {
  const char = String.fromCharCode(byte);
  return /[A-Za-z0-9\-._~]/.test(char) ? char : `%${hexDigits[byte >> 4]}${hexDigits[byte & 15]}`;
});
const isUnreserved: readonly boolean[] = encodedBytes.map((encoded) => encoded.length === 1);

/** Percent-encodes every byte that is not unreserved; `%` is one of them. */
export function encodeUri(text: string): string {
  return rewrite(text, { keepSlash: false, decodeFirst: false });
}

/** As `encodeUri`, but leaves the slashes between path segments. */
export function encodePath(text: string): string {
  return rewrite(text, { keepSlash: true, decodeFirst: false });
}

/**
 * Gives percent-encoded text its one canonical spelling: what was encoded without need is
 * decoded, what needs it is encoded, digits are upper-case. A `%` that starts no escape is `%25`.
 */
export function normalizeUri(text: string): string {
  return rewrite(text, { keepSlash: false, decodeFirst: true });
}

/** As `normalizeUri`, but a slash stays a slash (and `%2F` stays `%2F`). */
export function normalizePath(text: string): string {
  return rewrite(text, { keepSlash: true, decodeFirst: true });
}

/** Undoes percent-encoding; one character per byte. Malformed escapes stay as they are. */
export function decodeUri(text: string): string {
  let from = text.indexOf("%");
  if (from < 0) return text;
  let out = text.slice(0, from);
  while (from < text.length) {
    const byte = text.charCodeAt(from) === percent ? escapedByte(text, from) : -1;
    out += byte < 0 ? text[from] : String.fromCharCode(byte);
    from += byte < 0 ? 1 : 3;
  }
  return out;
}

function rewrite(text: string, how: { keepSlash: boolean; decodeFirst: boolean }): string {
  let done = 0;
  let out = "";
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (isUnreserved[code] === true || (code === slash && how.keepSlash)) continue;
    if (code > 0xff) return rewrite(Buffer.from(text, "utf8").toString("latin1"), how);
    const byte = code === percent && how.decodeFirst ? escapedByte(text, index) : -1;
    out += text.slice(done, index) + encodedBytes[byte < 0 ? code : byte];
    if (byte >= 0) index += 2;
    done = index + 1;
  }
  return done === 0 ? text : out + text.slice(done);
}

/** The byte that the escape at `index` stands for, or -1 when it is not an escape. */
function escapedByte(text: string, index: number): number {
  const high = hexValue(text.charCodeAt(index + 1));
  const low = hexValue(text.charCodeAt(index + 2));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexValue(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
