/** Cuts a text to at most `lengthMax` UTF-16 units, at white space where there is some nearby. */
export function shorten(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  let end = lengthMax - 1;
  const space = text.slice(0, end).search(/\s\S*$/);
  if (space > 0 && space > end - 60) end = space;
  // Half a surrogate pair is no character.
  const last = text.charCodeAt(end - 1);
  if (last >= 0xd800 && last <= 0xdbff) end -= 1;
  return `${text.slice(0, end).trimEnd()}…`;
}
