import { isObject } from "./settings-reader.ts";

/** One line of an access list, as the control files write it. */
export type AclEntry = {
  readonly name: string;
  readonly type: "USER" | "GROUP";
  readonly access: "ALLOW" | "DENY";
};

/**
 * Reads a list of `{ Name, Type, Access }`. Member names and values are case-sensitive: a list
 * that is misspelt must not read as a shorter one.
 *
 * @returns the entries, or what is wrong
 */
export function parseAclEntries(list: unknown): readonly AclEntry[] | { readonly error: string } {
  if (!Array.isArray(list)) return { error: "the access list is not a list" };
  const entries: AclEntry[] = [];
  for (const item of list) {
    const { Name: name, Type: type, Access: access } = isObject(item) ? item : {};
    if (typeof name !== "string" || name.trim() === "") return { error: "a Name is missing" };
    if (type !== "USER" && type !== "GROUP") return { error: "a Type is not USER or GROUP" };
    if (access !== "ALLOW" && access !== "DENY") return { error: "an Access is not ALLOW or DENY" };
    entries.push({ name, type, access });
  }
  return entries;
}
