import { parseAclEntries, type AclEntry } from "./acl-entries.ts";
import { parseStrictJson } from "./strict-json.ts";
import { isObject } from "./settings-reader.ts";

/** Largest ACL file that is read. */
export const aclFileBytesMax = 50 * 1024 * 1024;
const prefixesAdvised = 100;

/** A prefix of the bucket's keys, or one key, and who may read what lies there. */
export type AclRule = { readonly prefix: string; readonly entries: readonly AclEntry[] };

/** An ACL file, ready to be asked about keys. */
export type AclFile = {
  /** Rule of the longest prefix that the key starts with; undefined when none lists the key. */
  readonly ruleFor: (key: string) => AclRule | undefined;
  readonly prefixes: number;
  readonly warnings: readonly string[];
};

/**
 * Reads the ACL configuration file: a list of `{ keyPrefix, aclEntries }`. Anything unexpected is
 * an error of the whole file, because a rule left out would open documents to everyone. Source:
 * "How Amazon Q Business connector crawls Amazon S3 ACLs".
 *
 * @returns the file, or `S3-5103` and why
 */
export function parseAclFile(
  bytes: Uint8Array,
  bucket: string,
): AclFile | { readonly code: "S3-5103"; readonly error: string } {
  const bad = (error: string): { code: "S3-5103"; error: string } => ({ code: "S3-5103", error });
  if (bytes.length > aclFileBytesMax) return bad(`it is larger than ${aclFileBytesMax} bytes`);
  const json = parseStrictJson(bytes);
  if ("error" in json) return bad(json.error);
  if (!Array.isArray(json.value)) return bad("it is not a list");
  const rules = new Map<string, readonly AclEntry[]>();
  for (const [at, item] of json.value.entries()) {
    const { keyPrefix, aclEntries } = isObject(item) ? item : {};
    const prefix = typeof keyPrefix === "string" ? prefixIn(keyPrefix, bucket) : undefined;
    if (prefix === undefined) {
      return bad(`keyPrefix of item ${at} does not begin with "s3://${bucket}/"`);
    }
    const entries = parseAclEntries(aclEntries);
    if ("error" in entries) return bad(`aclEntries of item ${at}: ${entries.error}`);
    // The same prefix twice adds up.
    rules.set(prefix, [...(rules.get(prefix) ?? []), ...entries]);
  }
  const warning = `The ACL file lists ${rules.size} prefixes; ${prefixesAdvised} are advised.`;
  return {
    ruleFor: longestPrefix(rules),
    prefixes: rules.size,
    warnings: rules.size > prefixesAdvised ? [warning] : [],
  };
}

function prefixIn(keyPrefix: string, bucket: string): string | undefined {
  const root = `s3://${bucket}`;
  if (keyPrefix === root) return "";
  return keyPrefix.startsWith(`${root}/`) ? keyPrefix.slice(root.length + 1) : undefined;
}

/** Asks only for lengths that occur, so a file of many rules costs no more than one of few. */
function longestPrefix(
  rules: ReadonlyMap<string, readonly AclEntry[]>,
): (key: string) => AclRule | undefined {
  const lengths = [...new Set([...rules.keys()].map((prefix) => prefix.length))];
  lengths.sort((a, b) => b - a);
  // One object for each rule, so that what is worked out for it can be kept.
  const byPrefix = new Map([...rules].map(([prefix, entries]) => [prefix, { prefix, entries }]));
  return (key) => {
    for (const length of lengths) {
      if (length > key.length) continue;
      const rule = byPrefix.get(key.slice(0, length));
      if (rule !== undefined) return rule;
    }
    return undefined;
  };
}
