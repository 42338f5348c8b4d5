/**
 * Orders keys as object stores list them: by their UTF-8 bytes. JavaScript compares UTF-16 units,
 * which puts characters beyond U+FFFF before U+E000..U+FFFF; the shift below puts them after.
 *
 * @returns negative, zero or positive, as `Array.prototype.sort` wants it.
 */
export function compareKeys(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at += 1) {
    const left = a.charCodeAt(at);
    const right = b.charCodeAt(at);
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}
