import type { AccessList, AclContent, AclPrincipal } from "../../search/search.ts";

/**
 * How access changed: `OPENED`, everyone may read now and before only some; `WIDENED`, nobody lost
 * it and somebody gained it; `NARROWED`, the other way round; `CHANGED`, both, or too large to tell.
 */
export type AccessChange = "SAME" | "OPENED" | "WIDENED" | "NARROWED" | "CHANGED";

/** Names up to which every combination is tried. */
const namesMax = 12;

/**
 * Compares who could read before with who can read now, by the names in the lists alone: members of
 * groups come and go by themselves. Several lists at once: a reader must pass all of them.
 */
export function compareAccess(
  before: readonly AclContent[],
  after: readonly AclContent[],
): AccessChange {
  const [old, now] = [listsOf(before), listsOf(after)];
  if (now.length === 0) return old.length === 0 ? "SAME" : "OPENED";
  if (old.length === 0) return "NARROWED";
  const isKept = implies(old, now);
  const isNoWider = implies(now, old);
  if (isKept === undefined || isNoWider === undefined) {
    return JSON.stringify(old) === JSON.stringify(now) ? "SAME" : "CHANGED";
  }
  if (isKept) return isNoWider ? "SAME" : "WIDENED";
  return isNoWider ? "NARROWED" : "CHANGED";
}

/** The lists that keep somebody out. */
function listsOf(contents: readonly AclContent[]): readonly AccessList[] {
  return contents.filter((content) => content !== "public");
}

/** Whether everyone who passes `from` passes `to`; undefined where that is too much to find out. */
function implies(from: readonly AccessList[], to: readonly AccessList[]): boolean | undefined {
  const [a, b] = [flatOf(from), flatOf(to)];
  if (a !== undefined && b !== undefined) {
    return a.allow.size === 0 || (isWithin(a.allow, b.allow) && isWithin(b.deny, a.deny));
  }
  return impliesByTrial(from, to);
}

/** As `implies`, by trying every set of names: exact, and slow beyond a dozen of them. */
export function impliesByTrial(
  from: readonly AccessList[],
  to: readonly AccessList[],
): boolean | undefined {
  const names = [...new Set([...from, ...to].flatMap(namesIn))];
  if (names.length > namesMax) return undefined;
  for (let bits = 0; bits < 2 ** names.length; bits += 1) {
    const has = new Set(names.filter((_, at) => (bits >> at) % 2 === 1));
    const passes = (lists: readonly AccessList[]): boolean =>
      lists.every((list) => admits(list, has));
    if (passes(from) && !passes(to)) return false;
  }
  return true;
}

type Flat = { readonly allow: ReadonlySet<string>; readonly deny: ReadonlySet<string> };

/** A list of the form "one of these, none of those"; undefined for one that asks for several. */
function flatOf([list, ...others]: readonly AccessList[]): Flat | undefined {
  if (list === undefined || others.length > 0) return undefined;
  const { relation, conditions } = list.allow;
  const isFlat =
    (relation === "OR" || conditions.length <= 1) &&
    conditions.every(
      (condition) => condition.relation === "OR" || condition.principals.length <= 1,
    );
  if (!isFlat) return undefined;
  const deny = new Set(list.deny.map((principal) => nameOf(principal, list)));
  const allow = conditions.flatMap(({ principals }) =>
    principals.map((principal) => nameOf(principal, list)),
  );
  return { allow: new Set(allow.filter((name) => !deny.has(name))), deny };
}

function isWithin(part: ReadonlySet<string>, whole: ReadonlySet<string>): boolean {
  return [...part].every((name) => whole.has(name));
}

function admits(list: AccessList, has: ReadonlySet<string>): boolean {
  const isOne = (principal: AclPrincipal): boolean => has.has(nameOf(principal, list));
  if (list.deny.some(isOne)) return false;
  const { relation, conditions } = list.allow;
  const holds = conditions.map(({ relation: inner, principals }) =>
    inner === "AND" ? principals.length > 0 && principals.every(isOne) : principals.some(isOne),
  );
  return relation === "AND" ? holds.length > 0 && holds.every(Boolean) : holds.some(Boolean);
}

function namesIn(list: AccessList): readonly string[] {
  const { allow, deny } = list;
  const all = [...deny, ...allow.conditions.flatMap(({ principals }) => principals)];
  return all.map((principal) => nameOf(principal, list));
}

function nameOf({ kind, name, type }: AclPrincipal, { dataSourceId }: AccessList): string {
  return JSON.stringify([kind, name, type === "INDEX" ? "" : dataSourceId]);
}
