// Who may read the documents of a data source over a bucket, as the ACL file has it. A document
// without a list of its own has the class of the rule that covers its key, so that a changed rule
// is one changed class, for however many documents.
//
// A sync closes at once and opens at its end: what nobody may read any more is closed before
// anything is crawled, and what others may read now is opened when every document is known to be
// what it was (or has been published anew): somebody may have taken a secret out of a file and then
// opened its folder. A sync that ends early leaves closed what it closed; the next one goes on.
import { type AccessRules, accessOfRules, longestPrefix } from "../../connectors/connectors.ts";
import { type AclContent, canonicalAcl, intersectAcls, parseAcl } from "../../search/search.ts";
import {
  aclClasses,
  aclRules,
  type AclRuleScope,
  type Document,
  type WriteTransaction,
} from "../../store/store.ts";
import { aclContentOf } from "./list.ts";

/** The rules of a sync, and what they are put in force for. */
export type AccessToSettle = AclRuleScope & {
  readonly indexId: string;
  readonly rules: AccessRules;
  readonly signal: AbortSignal;
};

/** A prefix of keys; undefined stands for all keys that no prefix covers. */
export type Prefix = string | undefined;

/** What is wanted: each rule with what it says, and which rule covers a key. */
export type WantedRules = {
  readonly contents: ReadonlyMap<Prefix, AclContent>;
  readonly ruleFor: (key: string) => Prefix;
};

/** Documents that are looked at in one transaction. */
export const documentsPerStep = 2_000;

/** A list that admits nobody. */
export const nobody: AclContent = {
  dataSourceId: "",
  allow: { relation: "OR", conditions: [] },
  deny: [],
};

/** What the rules of a sync say. */
export function wantedRules({ dataSourceId, rules }: AccessToSettle): WantedRules {
  const contents = new Map<Prefix, AclContent>();
  for (const [prefix, access] of accessOfRules(rules)) {
    const configuration = access.kind === "public" ? undefined : access.accessConfiguration;
    contents.set(prefix, aclContentOf(configuration, dataSourceId) ?? nobody);
  }
  return { contents, ruleFor: longestPrefix(definedOf(contents.keys())) };
}

/** Those that are prefixes. */
export function definedOf(prefixes: Iterable<Prefix>): readonly string[] {
  return [...prefixes].filter((prefix) => prefix !== undefined);
}

/** The class of a rule that was put in force. */
export async function classOfRule(
  trx: WriteTransaction,
  scope: AclRuleScope,
  prefix: Prefix,
): Promise<number> {
  const aclClass = await aclRules.classOf(trx, scope, prefix);
  if (aclClass === undefined) throw new Error("A rule of the sync has no class.");
  return aclClass;
}

/** What a class says; one that is not there, or not understood, admits nobody. */
export async function contentOf(trx: WriteTransaction, aclClass: number): Promise<AclContent> {
  const [found] = await aclClasses.find(trx, [aclClass]);
  return (found && parseAcl(found.canonical)) ?? nobody;
}

/** Who must be passed besides, from now on and whatever becomes of rules: a class for ever. */
export async function guardOf(
  trx: WriteTransaction,
  guardAclClass: number,
  more: AclContent,
): Promise<number> {
  const before: AclContent = guardAclClass === 0 ? "public" : await contentOf(trx, guardAclClass);
  return aclClasses.intern(trx, canonicalAcl(intersectAcls([before, more])));
}

/**
 * The guard of a published version behind which a newer one, with its own class, failed. Readers
 * must be admitted by the newer list as well; and where the version follows a rule that has opened
 * since, only those see it who did before. A version with a list of its own is guarded by the
 * newest list alone, which goes on following its rule.
 */
export async function guardOfFailed(
  trx: WriteTransaction,
  published: Pick<Document, "dataSourceId" | "aclClass" | "guardAclClass">,
  failedAclClass: number,
): Promise<number> {
  const { guardAclClass } = published;
  if (guardAclClass === 0 || failedAclClass === 0 || guardAclClass === failedAclClass) {
    return failedAclClass;
  }
  if (!(await aclRules.isClassOfRule(trx, published))) return failedAclClass;
  return guardOf(trx, guardAclClass, await contentOf(trx, failedAclClass));
}

/** Documents by the class that they are to get. */
export class Moves {
  readonly #keys = new Map<number, number[]>();

  add(aclClass: number, key: number): void {
    const keys = this.#keys.get(aclClass);
    if (keys === undefined) this.#keys.set(aclClass, [key]);
    else keys.push(key);
  }

  [Symbol.iterator](): Iterator<[number, number[]]> {
    return this.#keys[Symbol.iterator]();
  }
}
