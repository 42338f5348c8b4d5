// Who may see what. An access list becomes a class; all documents with equal lists share it.
// Everything here fails closed: what is not understood is seen by nobody.
import { canonicalEmail } from "../core/email.ts";
import type { Membership, MembershipType } from "../principals/principals.ts";

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

/**
 * Who somebody is, as far as access lists ask: a key for each name in each scope, as `principalKeys`
 * writes them.
 */
export type Subject = ReadonlySet<string>;

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

/** Nobody. */
const closed: AccessList = {
  dataSourceId: "",
  allow: { relation: "OR", conditions: [] },
  deny: [],
};

const conditionsMax = 1_000;

/**
 * A list that admits only whom all of these admit. Where that cannot be said in one list it admits
 * nobody. In it all conditions of an allow list must hold, so of each of these lists they must, too.
 */
export function intersectAcls(contents: readonly AclContent[]): AclContent {
  const lists = contents.filter((content) => content !== "public");
  const [first] = lists;
  if (first === undefined) return "public";
  const isSayable = lists.every(({ allow: { relation, conditions } }) =>
    relation === "AND" ? conditions.length > 0 : conditions.length === 1,
  );
  const conditions = lists.flatMap(({ allow }) => allow.conditions);
  const sources = new Set(lists.filter(hasScopedNames).map(({ dataSourceId }) => dataSourceId));
  if (!isSayable || sources.size > 1 || conditions.length > conditionsMax) return closed;
  const [dataSourceId = ""] = sources;
  const distinct = new Map(conditions.map((one) => [JSON.stringify(one), one]));
  return {
    dataSourceId,
    allow: { relation: "AND", conditions: [...distinct.values()] },
    deny: lists.flatMap(({ deny }) => deny),
  };
}

/**
 * Whether nobody gains by `next` in place of `before`: told by the names alone, and false wherever
 * that is not plain to see.
 */
export function isNarrower(next: AclContent, before: AclContent): boolean {
  if (before === "public") return true;
  if (next === "public") return false;
  if (next.allow.conditions.length === 0) return true;
  const own = [next, before].filter(hasScopedNames).map(({ dataSourceId }) => dataSourceId);
  if (new Set(own).size > 1) return false;
  const [after, earlier] = [anyOf(next), anyOf(before)];
  if (after === undefined || earlier === undefined) {
    return canonicalAcl(next) === canonicalAcl(before);
  }
  const denied = new Set(sortedPrincipals(next.deny).map((one) => JSON.stringify(one)));
  return (
    [...after].every((one) => earlier.has(one)) &&
    sortedPrincipals(before.deny).every((one) => denied.has(JSON.stringify(one)))
  );
}

/** The principals of a list that lets in whoever is one of them. */
function anyOf({ allow }: AccessList): ReadonlySet<string> | undefined {
  const [only, ...more] = allow.conditions;
  if (only === undefined || more.length > 0) return undefined;
  if (only.relation === "AND" && only.principals.length !== 1) return undefined;
  return new Set(sortedPrincipals(only.principals).map((one) => JSON.stringify(one)));
}

function hasScopedNames({ allow, deny }: AccessList): boolean {
  const all = [...deny, ...allow.conditions.flatMap((condition) => condition.principals)];
  return all.some((principal) => principal.type === "DATASOURCE");
}

function sortedPrincipals(principals: readonly AclPrincipal[]): readonly AclPrincipal[] {
  const texts = principals.map(({ kind, name, type }) =>
    // A denial must meet its user however the e-mail was written.
    JSON.stringify({ kind, name: kind === "user" ? canonicalEmail(name) : name, type }),
  );
  return [...new Set(texts)].sort().map((text) => JSON.parse(text) as AclPrincipal);
}

/**
 * The keys of which a subject has one if the principal of a list in that data source means them.
 * None where the name cannot mean anything: a scoped one without a data source.
 */
export function principalKeys(
  { kind, name, type }: AclPrincipal,
  dataSourceId: string,
): readonly string[] {
  if (type === "INDEX") return [keyOf(kind, "", name)];
  if (dataSourceId === "") return [];
  const scoped = keyOf(kind, dataSourceId, name);
  // An index-wide id of a user counts in every data source; an index-wide group does not.
  return kind === "user" ? [scoped, keyOf(kind, "", name)] : [scoped];
}

function keyOf(kind: AclPrincipal["kind"], dataSourceId: string, name: string): string {
  return `${kind}/${dataSourceId}/${name}`;
}

/** Everything that a membership answers to. */
export function subjectOf({ userIds, groups }: Membership): Subject {
  return new Set([
    ...userIds.map(({ name, dataSourceId }) => keyOf("user", dataSourceId, name)),
    ...groups.map(({ name, dataSourceId }) => keyOf("group", dataSourceId, name)),
  ]);
}

/**
 * The decision: may somebody see documents with this access list? Names are compared as they
 * stand, so the list must be one that `canonicalAcl` has written. `AclDirectory` comes to the same
 * for all lists at once.
 */
export function maySee(content: AclContent, subject: Subject | "anonymous"): boolean {
  if (content === "public") return true;
  // An anonymous visitor sees no document that has any list. Source: Amazon Q Business user guide,
  // "Creating an application environment for anonymous access".
  if (subject === "anonymous") return false;
  const matches = (principal: AclPrincipal): boolean =>
    principalKeys(principal, content.dataSourceId).some((key) => subject.has(key));
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
  // With a slash in it, a name of one data source could read like a name of another.
  if (typeof dataSourceId !== "string" || dataSourceId.includes("/")) return undefined;
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
