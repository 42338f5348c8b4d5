/**
 * The one spelling under which an e-mail address is compared: NFC, lower case, `+tag` dropped from
 * the local part. Anything that is not `text@text`, or whose local part would become empty, stays
 * as it is, byte for byte. Source: Amazon Q Business user guide, "Understanding Amazon Q Business
 * User Store" (addresses are case-insensitive and sub-addresses equal since December 2024).
 *
 * @example canonicalEmail("Jo.Doe+work@Example.com") // "jo.doe@example.com"
 */
export function canonicalEmail(address: string): string {
  const at = address.indexOf("@");
  if (at <= 0 || at === address.length - 1 || address.includes("@", at + 1)) return address;
  const plus = address.indexOf("+");
  if (plus === 0) return address;
  const local = plus > 0 && plus < at ? address.slice(0, plus) : address.slice(0, at);
  // Lower-casing can leave the normal form, which would make a second form of the same address.
  return (local + address.slice(at)).normalize("NFC").toLowerCase().normalize("NFC");
}
