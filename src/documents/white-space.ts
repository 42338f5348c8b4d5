/** Whether the code unit is white space, exactly as `\s` of regular expressions has it. */
export function isSpaceCode(code: number): boolean {
  if (code < 128) return code === 32 || (code >= 9 && code <= 13);
  return (
    code === 0xa0 ||
    code === 0x3000 ||
    code === 0xfeff ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f
  );
}

/** Whether the character at `index` is white space. */
export function isSpaceAt(text: string, index: number): boolean {
  return isSpaceCode(text.charCodeAt(index));
}
