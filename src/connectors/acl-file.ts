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
  readonly rules: readonly AclRule[];
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
  // One object for each rule, so that what is worked out for it can be kept.
  const byPrefix = new Map([...rules].map(([prefix, entries]) => [prefix, { prefix, entries }]));
  const prefixOf = longestPrefix(byPrefix.keys());
  return {
    ruleFor: (key) => {
      const prefix = prefixOf(key);
      return prefix === undefined ? undefined : byPrefix.get(prefix);
    },
    rules: [...byPrefix.values()],
    prefixes: rules.size,
    warnings: rules.size > prefixesAdvised ? [warning] : [],
  };
}

function prefixIn(keyPrefix: string, bucket: string): string | undefined {
  const root = `s3://${bucket}`;
  if (keyPrefix === root) return "";
  return keyPrefix.startsWith(`${root}/`) ? keyPrefix.slice(root.length + 1) : undefined;
}

/**
 * Finds the longest of the prefixes that a key starts with. Asks only for lengths that occur, so
 * many prefixes cost no more than few.
 */
export function longestPrefix(prefixes: Iterable<string>): (key: string) => string | undefined {
  const all = new Set(prefixes);
  const lengths = [...new Set([...all].map((prefix) => prefix.length))].sort((a, b) => b - a);
  return (key) => {
    for (const length of lengths) {
      if (length > key.length) continue;
      const prefix = key.slice(0, length);
      if (all.has(prefix)) return prefix;
    }
    return undefined;
  };
}
