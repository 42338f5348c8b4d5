import type { AclEntry } from "./acl-entries.ts";
import type { AclFile, AclRule } from "./acl-file.ts";
import { canonicalEmail } from "../core/email.ts";

/** A principal in the shape of the API's `accessConfiguration`. */
export type AccessPrincipal =
  | { readonly user: { id: string; access: "ALLOW" | "DENY"; membershipType: "DATASOURCE" } }
  | {
      readonly group: {
        readonly name: string;
        readonly access: "ALLOW" | "DENY";
        readonly membershipType: "DATASOURCE" | "INDEX";
      };
    };

/** Who may read a document, in the shape that BatchPutDocument takes. */
export type AccessConfiguration = {
  readonly accessControls: readonly {
    readonly principals: readonly AccessPrincipal[];
    readonly memberRelation: "OR";
  }[];
  readonly memberRelation: "OR";
};

/** Who may read a document and which rule says so. */
export type ResolvedAccess =
  | {
      readonly kind: "public";
      /** `unlisted`: an ACL file is configured and no prefix of it covers the key. */
      readonly because: "noAclFile" | "unlisted";
    }
  | {
      readonly kind: "restricted";
      readonly because: "metadata" | "aclFile" | "unlistedClosed";
      /** The prefix that decided, for `aclFile`. */
      readonly prefix?: string;
      readonly accessConfiguration: AccessConfiguration;
    };

/** One configuration for each rule: a rule covers many documents. */
const configurations = new WeakMap<AclRule, AccessConfiguration>();

/**
 * Decides who may read one document. A list in its metadata replaces the ACL file; in the file the
 * longest prefix counts, alone. What a configured file does not list is open to everyone, as
 * published, unless the operator closes it; without a file everything is open.
 */
export function resolveAcl(options: {
  readonly key: string;
  readonly metadataEntries?: readonly AclEntry[] | undefined;
  readonly aclFile?: AclFile | undefined;
  readonly unlisted: "allow" | "deny";
}): ResolvedAccess {
  const { key, metadataEntries, aclFile, unlisted } = options;
  if (metadataEntries !== undefined) {
    const accessConfiguration = accessConfigurationOf(metadataEntries);
    return { kind: "restricted", because: "metadata", accessConfiguration };
  }
  if (aclFile === undefined) return { kind: "public", because: "noAclFile" };
  const rule = aclFile.ruleFor(key);
  if (rule !== undefined) {
    const accessConfiguration = configurations.get(rule) ?? accessConfigurationOf(rule.entries);
    configurations.set(rule, accessConfiguration);
    return { kind: "restricted", because: "aclFile", prefix: rule.prefix, accessConfiguration };
  }
  if (unlisted === "allow") return { kind: "public", because: "unlisted" };
  const accessConfiguration = accessConfigurationOf([]);
  return { kind: "restricted", because: "unlistedClosed", accessConfiguration };
}

/**
 * The rule that decided: a prefix of the ACL file, or undefined for keys that none covers; nothing
 * for a list in the document's own metadata.
 */
export function ruleOf(
  access: ResolvedAccess,
): { readonly prefix: string | undefined } | undefined {
  if (access.because === "metadata") return undefined;
  return { prefix: access.kind === "restricted" ? access.prefix : undefined };
}

/** What every rule says: those of the ACL file, and that for keys which none covers. */
export function accessOfRules(rules: {
  readonly aclFile?: AclFile;
  readonly unlisted: "allow" | "deny";
}): ReadonlyMap<string | undefined, ResolvedAccess> {
  const all = new Map<string | undefined, ResolvedAccess>();
  for (const { prefix } of rules.aclFile?.rules ?? []) {
    // A prefix is a key that its own rule decides.
    all.set(prefix, resolveAcl({ key: prefix, ...rules }));
  }
  const { aclFile, unlisted } = rules;
  const silent = aclFile && { ...aclFile, ruleFor: () => undefined };
  return all.set(undefined, resolveAcl({ key: "", aclFile: silent, unlisted }));
}

/**
 * Brings entries into the one form that equal lists share: sorted, each principal once, e-mail
 * addresses canonical, an ALLOW dropped where the same principal is denied. A group counts in both
 * scopes, because this connector feeds no groups of its own. No entries at all: nobody.
 */
export function accessConfigurationOf(entries: readonly AclEntry[]): AccessConfiguration {
  const decided = new Map<string, AclEntry>();
  for (const entry of entries) {
    const name = entry.type === "USER" ? canonicalEmail(entry.name) : entry.name;
    const id = `${entry.type} ${name}`;
    if (decided.get(id)?.access !== "DENY") decided.set(id, { ...entry, name });
  }
  const sorted = [...decided].sort(([a], [b]) => (a < b ? -1 : 1));
  const principals = sorted.flatMap(([, entry]) => principalsOf(entry));
  const isEmpty = principals.length === 0;
  const accessControls = isEmpty ? [] : [{ principals, memberRelation: "OR" as const }];
  return { accessControls, memberRelation: "OR" };
}

function principalsOf({ name, type, access }: AclEntry): readonly AccessPrincipal[] {
  if (type === "USER") return [{ user: { id: name, access, membershipType: "DATASOURCE" } }];
  const scopes = ["DATASOURCE", "INDEX"] as const;
  return scopes.map((membershipType) => ({ group: { name, access, membershipType } }));
}
