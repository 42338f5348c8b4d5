// Who may see what. An access list becomes a class; all documents with equal lists share it.
// Everything here fails closed: what is not understood is seen by nobody.
import type { Viewer } from "../core/viewer.ts";
import { aclClasses, type Readable } from "../store/store.ts";

/** Whether a name means the same everywhere in the index, or only in the document's data source. */
export type MembershipType = "INDEX" | "DATASOURCE";

/** How conditions, or the principals of one, are combined. */
export type MemberRelation = "AND" | "OR";

/** One user or group of a list. `name` is an e-mail, another user id, or a group's name. */
export type AclPrincipal = {
  readonly kind: "user" | "group";
  readonly name: string;
  readonly type: MembershipType;
};

/** Principals that must match: one of them (`OR`) or all (`AND`). */
export type AclCondition = {
  readonly relation: MemberRelation;
  readonly principals: readonly AclPrincipal[];
};

/**
 * A normalised access list. Denials are always "one hit denies". Source: Amazon Q Business API
 * Reference, "CheckDocumentAccess", `documentAcl`.
 */
export type AccessList = {
  /** Empty for documents that were put directly. */
  readonly dataSourceId: string;
  readonly allow: {
    readonly relation: MemberRelation;
    readonly conditions: readonly AclCondition[];
  };
  readonly deny: readonly AclPrincipal[];
};

/** A class's content: no list at all, or a list. */
export type AclContent = "public" | AccessList;

/** Who somebody is, as far as access lists ask. The user store's memberships will come on top. */
export type Subject = {
  readonly userIds: Readonly<Record<MembershipType, ReadonlySet<string>>>;
  readonly groups: Readonly<Record<MembershipType, ReadonlySet<string>>>;
};

/** The one text of all equal lists: sorted, without repetitions. Interned as an ACL class. */
export function canonicalAcl(content: AclContent): string {
  if (content === "public") return JSON.stringify(content);
  const { dataSourceId, allow, deny } = content;
  const conditions = allow.conditions.map(({ relation, principals }) =>
    JSON.stringify({ relation, principals: sortedPrincipals(principals) }),
  );
  return JSON.stringify({
    // Lists without scoped names mean the same in every data source, and may share a class.
    dataSourceId: hasScopedNames(content) ? dataSourceId : "",
    allow: {
      relation: allow.relation,
      conditions: [...new Set(conditions)].sort().map((text) => JSON.parse(text) as AclCondition),
    },
    deny: sortedPrincipals(deny),
  });
}

/**
 * The one form of a user id: e-mails in lower case and without `+…`, anything else as it is.
 * Source: Amazon Q Business user guide, "Understanding Amazon Q Business User Store".
 */
export function canonicalUserId(id: string): string {
  const parts = id.normalize("NFC").split("@");
  const [local = "", domain = ""] = parts;
  if (parts.length !== 2 || local === "" || domain === "") return id;
  const plain = local.split("+")[0] ?? "";
  return `${plain === "" ? local : plain}@${domain}`.toLowerCase();
}

function hasScopedNames({ allow, deny }: AccessList): boolean {
  const all = [...deny, ...allow.conditions.flatMap((condition) => condition.principals)];
  return all.some((principal) => principal.type === "DATASOURCE");
}

function sortedPrincipals(principals: readonly AclPrincipal[]): readonly AclPrincipal[] {
  const texts = principals.map(({ kind, name, type }) =>
    // A denial must meet its user however the e-mail was written.
    JSON.stringify({ kind, name: kind === "user" ? canonicalUserId(name) : name, type }),
  );
  return [...new Set(texts)].sort().map((text) => JSON.parse(text) as AclPrincipal);
}

/**
 * The decision: may somebody see documents with this access list? Names are compared as they
 * stand, so the list must be one that `canonicalAcl` has written.
 */
export function maySee(content: AclContent, subject: Subject | "anonymous"): boolean {
  if (content === "public") return true;
  // An anonymous visitor sees no document that has any list. Source: Amazon Q Business user guide,
  // "Creating an application environment for anonymous access".
  if (subject === "anonymous") return false;
  const matches = ({ kind, name, type }: AclPrincipal): boolean => {
    // Without a data source there is nothing that such a name could mean.
    if (type === "DATASOURCE" && content.dataSourceId === "") return false;
    return (kind === "user" ? subject.userIds : subject.groups)[type].has(name);
  };
  if (content.deny.some(matches)) return false;
  const { relation, conditions } = content.allow;
  if (conditions.length === 0) return false;
  const holds = (condition: AclCondition): boolean => {
    if (condition.principals.length === 0) return false;
    return condition.relation === "AND"
      ? condition.principals.every(matches)
      : condition.principals.some(matches);
  };
  return relation === "AND" ? conditions.every(holds) : conditions.some(holds);
}

/** Who a viewer is. A canonical e-mail counts in every scope; asserted groups are index-wide. */
export function subjectOf(viewer: Viewer): Subject | "anonymous" {
  if (viewer.kind === "anonymous") return "anonymous";
  const ids = new Set([canonicalUserId(viewer.email)]);
  return {
    userIds: { INDEX: ids, DATASOURCE: ids },
    groups: { INDEX: new Set(viewer.groups), DATASOURCE: new Set() },
  };
}

/** Reads a class back; undefined where it has no known form, so that nobody sees it. */
export function parseAcl(canonical: string): AclContent | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(canonical);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (parsed === "public") return parsed;
  if (!isRecord(parsed) || !isRecord(parsed["allow"])) return undefined;
  const { dataSourceId, deny } = parsed;
  const { relation, conditions } = parsed["allow"];
  if (typeof dataSourceId !== "string") return undefined;
  if (!isRelation(relation) || !Array.isArray(conditions) || !conditions.every(isCondition)) {
    return undefined;
  }
  if (!Array.isArray(deny) || !deny.every(isPrincipal)) return undefined;
  return { dataSourceId, allow: { relation, conditions }, deny };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isRelation(value: unknown): value is MemberRelation {
  return value === "AND" || value === "OR";
}

function isCondition(value: unknown): value is AclCondition {
  if (!isRecord(value) || !isRelation(value["relation"])) return false;
  const principals = value["principals"];
  return Array.isArray(principals) && principals.every(isPrincipal);
}

function isPrincipal(value: unknown): value is AclPrincipal {
  if (!isRecord(value) || typeof value["name"] !== "string") return false;
  return (
    (value["kind"] === "user" || value["kind"] === "group") &&
    (value["type"] === "INDEX" || value["type"] === "DATASOURCE")
  );
}

const classesPerRead = 1000;

/** Knows all ACL classes. They never change and never go away, so only new ones are read. */
export class AclDirectory {
  readonly #contents = new Map<number, AclContent>();
  #last = 0;

  /** The classes that a viewer may see, as of now. */
  async visibleTo(db: Readable, viewer: Viewer): Promise<ReadonlySet<number>> {
    await this.#readNew(db);
    const subject = subjectOf(viewer);
    const visible = new Set<number>();
    for (const [id, content] of this.#contents) if (maySee(content, subject)) visible.add(id);
    return visible;
  }

  async #readNew(db: Readable): Promise<void> {
    for (;;) {
      const rows = await aclClasses.listAfter(db, this.#last, classesPerRead);
      for (const { id, canonical } of rows) {
        const content = parseAcl(canonical);
        if (content !== undefined) this.#contents.set(id, content);
        this.#last = Math.max(this.#last, id);
      }
      if (rows.length < classesPerRead) return;
    }
  }
}
