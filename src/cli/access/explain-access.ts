import type {
  CheckDocumentAccessResponse,
  DocumentAclCondition,
  DocumentAclMembership,
} from "../../contract/contract.ts";
import { canonicalEmail } from "../../core/email.ts";

/** Why a user may see a document or not, in words. */
export type AccessExplanation = {
  readonly hasAccess: boolean;
  /** No list names anybody: everyone sees it, perhaps only because nothing was said. */
  readonly isOpen: boolean;
  readonly reasons: readonly string[];
};

/**
 * Puts an answer of CheckDocumentAccess into words. The verdict is the server's; the reasons are
 * read from the lists and the names that it rests on. In an anonymous application nobody has a
 * name.
 */
export function explainAccess(
  answer: CheckDocumentAccessResponse,
  { isAnonymous }: { readonly isAnonymous: boolean } = { isAnonymous: false },
): AccessExplanation {
  const { hasAccess = false, documentAcl } = answer;
  const allow = documentAcl?.allowlist ?? {};
  const deny = documentAcl?.denyList ?? {};
  const isListed = conditionsOf(allow).length + conditionsOf(deny).length > 0;
  const isOpen = hasAccess && !isListed;
  if (isOpen) return { hasAccess, isOpen, reasons: ["It has no access list: everyone sees it."] };
  if (isAnonymous && isListed) return { hasAccess, isOpen, reasons: [listedForNobody] };
  const mine = namesOf(answer);
  const denied = conditionsOf(deny).flatMap((condition) => entriesOf(condition).filter(isIn(mine)));
  if (denied.length > 0) {
    return { hasAccess, isOpen, reasons: denied.map((entry) => `Denied: ${entry}.`) };
  }
  const checks = conditionsOf(allow).map((condition) => conditionReason(condition, mine));
  const relation = allow.memberRelation === "AND" ? "All of these must hold:" : "One must hold:";
  const reasons = checks.length > 1 ? [relation, ...checks] : checks;
  if (reasons.length > 0) return { hasAccess, isOpen, reasons };
  const nobody = "No entry allows anybody, or the document is not indexed yet: nobody sees it.";
  return { hasAccess, isOpen, reasons: [nobody] };
}

const listedForNobody =
  "The application is anonymous: its visitors have no names, so that no list lets them in.";

function conditionsOf({ conditions = [] }: DocumentAclMembership): readonly DocumentAclCondition[] {
  return conditions;
}

function conditionReason(condition: DocumentAclCondition, mine: ReadonlySet<string>): string {
  const entries = entriesOf(condition);
  const matched = entries.filter(isIn(mine));
  if (condition.memberRelation !== "AND") {
    return matched.length > 0
      ? `Allowed: ${matched.join(", ")}.`
      : `None of them: ${entries.join(", ")}.`;
  }
  const missing = entries.filter((entry) => !mine.has(entry));
  return missing.length === 0
    ? `Allowed: ${matched.join(" and ")}.`
    : `Not all of them: ${missing.join(", ")} missing.`;
}

function entriesOf({ users = [], groups = [] }: DocumentAclCondition): readonly string[] {
  return [
    ...users.map(({ id, type }) => entry("user", id, type)),
    ...groups.map(({ name, type }) => entry("group", name, type)),
  ];
}

/** Everything that the user is; an id of the whole index counts in the data source as well. */
function namesOf(answer: CheckDocumentAccessResponse): ReadonlySet<string> {
  const { userAliases = [], userGroups = [] } = answer;
  return new Set([
    ...userAliases.flatMap(({ id = "", type }) => {
      // Lists hold addresses in canonical form, aliases come as they were first given.
      const names = [id, canonicalEmail(id)];
      const types = type === "INDEX" ? ["INDEX", "DATASOURCE"] : ["DATASOURCE"];
      return names.flatMap((name) => types.map((scope) => entry("user", name, scope)));
    }),
    ...userGroups.map(({ name, type }) => entry("group", name, type)),
  ]);
}

function entry(kind: "user" | "group", name: string | undefined, type: string | undefined): string {
  return `${kind} ${JSON.stringify(name ?? "")}${type === "DATASOURCE" ? " of the data source" : ""}`;
}

function isIn(names: ReadonlySet<string>): (name: string) => boolean {
  return (name) => names.has(name);
}
