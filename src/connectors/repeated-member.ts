const [quote, backslash, comma] = [0x22, 0x5c, 0x2c];
const [openObject, closeObject, openList, closeList] = [0x7b, 0x7d, 0x5b, 0x5d];
const fewNames = 16;

/** Names of one object. Most have few, and a set for each would take most of the time. */
type Names = { readonly few: string[]; many: Set<string> | undefined };

/**
 * Finds the first member name that an object of a JSON text has twice. `JSON.parse` keeps the last
 * of them, which in an access list would drop a denial without a word.
 *
 * @param text valid JSON
 * @example repeatedMember('[{"a":1,"\u0061":2}]') // "a"
 */
export function repeatedMember(text: string): string | undefined {
  // Names of the objects that are open; undefined stands for a list.
  const open: (Names | undefined)[] = [];
  let names: Names | undefined;
  let isName = false;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      const end = endOfString(text, at);
      if (isName && names !== undefined) {
        const name = nameOf(text.slice(at, end + 1));
        if (!add(names, name)) return name;
      }
      isName = false;
      at = end;
    } else if (code === comma) {
      isName = true;
    } else if (code === openObject || code === openList) {
      open.push(names);
      names = code === openObject ? { few: [], many: undefined } : undefined;
      isName = true;
    } else if (code === closeObject || code === closeList) {
      names = open.pop();
    }
  }
  return undefined;
}

/** False where the name is there already. */
function add(names: Names, name: string): boolean {
  if (names.many === undefined) {
    if (names.few.includes(name)) return false;
    names.few.push(name);
    if (names.few.length > fewNames) names.many = new Set(names.few);
    return true;
  }
  if (names.many.has(name)) return false;
  names.many.add(name);
  return true;
}

/** Where the string ends that begins at a quote. */
function endOfString(text: string, from: number): number {
  // Most of a text lies in strings, and this looks for their ends faster than a loop could.
  for (let end = text.indexOf('"', from + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end;
    while (text.charCodeAt(before - 1) === backslash) before -= 1;
    // An even number of backslashes are backslashes themselves.
    if ((end - before) % 2 === 0) return end;
  }
  return text.length;
}

function nameOf(quoted: string): string {
  // One name has many spellings with escapes.
  return quoted.includes("\\") ? (JSON.parse(quoted) as string) : quoted.slice(1, -1);
}
