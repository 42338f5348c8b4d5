/** `arn:partition:service:region:account:resource`; the last part keeps any further colons. */
export type ArnParts = readonly [string, string, string, string, string, string];

/** Splits at the first five colons; undefined when there are fewer. */
export function splitArn(arn: string): ArnParts | undefined {
  const parts: string[] = [];
  let from = 0;
  for (let count = 0; count < 5; count += 1) {
    const colon = arn.indexOf(":", from);
    if (colon < 0) return undefined;
    parts.push(arn.slice(from, colon));
    from = colon + 1;
  }
  const [arnWord = "", partition = "", service = "", region = "", account = ""] = parts;
  return [arnWord, partition, service, region, account, arn.slice(from)];
}

/** Twelve digits, kept as text because account ids may begin with zeros. */
export function isAccountId(text: string): boolean {
  if (text.length !== 12) return false;
  for (let at = 0; at < 12; at += 1) {
    const code = text.charCodeAt(at);
    if (code < 0x30 || code > 0x39) return false;
  }
  return true;
}
