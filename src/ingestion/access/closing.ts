import type { Log } from "../../core/log.ts";
import { longestPrefix } from "../../connectors/connectors.ts";
import {
  type AclContent,
  canonicalAcl,
  intersectAcls,
  isNarrower,
  parseAcl,
  type Search,
} from "../../search/search.ts";
import {
  aclClasses,
  aclRules,
  type AclRuleScope,
  type Database,
  type StoredAclRule,
  type WriteTransaction,
} from "../../store/store.ts";
import {
  type AccessToSettle,
  definedOf,
  documentsPerStep,
  guardOf,
  Moves,
  nobody,
  type Prefix,
  type WantedRules,
  wantedRules,
} from "./rules.ts";

/**
 * Before anything is crawled: closes, in one transaction, whatever the rules do not admit any more,
 * for all documents of each rule. Where rules come or go, documents get the class of the rule that
 * covers them now, and are still guarded by the one they leave.
 */
export async function closeAccess(
  { db, search, log }: { readonly db: Database; readonly search: Search; readonly log: Log },
  about: AccessToSettle,
): Promise<void> {
  for (const reason of about.rules.aclFile?.warnings ?? []) {
    log("warn", "sync.aclFile", { dataSourceId: about.dataSourceId, reason });
  }
  const wanted = wantedRules(about);
  const leaving = await db.write((trx) => closeRules(trx, about, wanted));
  if (leaving.length === 0) return;
  await moveDocuments({ db, search }, about, { wanted, leaving });
  await db.write(async (trx) => {
    for (const rule of leaving) {
      const content = wanted.contents.get(rule.prefix);
      // What others asked of it while their documents were there is not asked any more.
      if (content !== undefined) await closeRule(trx, rule, [content]);
      const state = content === undefined ? "left" : "closed";
      await aclRules.setState(trx, about, { ...rule, state });
    }
  });
}

/** Gives rules what may be said at once; returns those that documents may have to leave. */
async function closeRules(
  trx: WriteTransaction,
  scope: AclRuleScope,
  wanted: WantedRules,
): Promise<readonly StoredAclRule[]> {
  const stored = await aclRules.list(trx, scope);
  const known = new Set(stored.map(({ prefix }) => prefix));
  const inForce = stored.filter(({ state }) => state !== "left");
  const fresh = [...wanted.contents].filter(([prefix]) => !known.has(prefix));
  const added = fresh.map(([prefix, content]) => ({ prefix, canonical: canonicalAcl(content) }));
  await aclRules.add(trx, scope, added);
  const destinations = destinationsOf(inForce, wanted);
  const leaving: StoredAclRule[] = [];
  for (const rule of stored) {
    const to = [...destinations(rule)];
    const isStaying = to.length === 1 && to[0] === rule.prefix;
    if (!isStaying) leaving.push(rule);
    const contents = to.map((prefix) => wanted.contents.get(prefix) ?? nobody);
    const isAll = await closeRule(trx, rule, contents);
    // What an earlier sync left closed is settled by a whole crawl only: it may guard documents.
    const isSettled = isAll && rule.state === "settled";
    const state = isStaying ? (isSettled ? "settled" : "closed") : "moving";
    if (state !== rule.state) await aclRules.setState(trx, scope, { ...rule, state });
  }
  return leaving;
}

/** Lets a rule admit only whom it admits now, and all of `contents`. True where that is all. */
async function closeRule(
  trx: WriteTransaction,
  { aclClass: id, canonical }: StoredAclRule,
  contents: readonly AclContent[],
): Promise<boolean> {
  const before = parseAcl(canonical) ?? nobody;
  const [only = nobody] = contents;
  const isAll = contents.length === 1 && isNarrower(only, before);
  const closed = isAll ? only : intersectAcls([before, ...contents]);
  await aclClasses.replace(trx, { id, canonical: canonicalAcl(closed) });
  return isAll;
}

/** Which rules the documents of a rule may follow now. */
function destinationsOf(
  inForce: readonly StoredAclRule[],
  { contents, ruleFor }: WantedRules,
): (rule: StoredAclRule) => ReadonlySet<Prefix> {
  const prefixes = new Set(inForce.map(({ prefix }) => prefix));
  const before = longestPrefix(definedOf(prefixes));
  // Documents below a new rule followed the rule above it.
  const taken = new Map<Prefix, Prefix[]>();
  for (const prefix of definedOf(contents.keys())) {
    if (prefixes.has(prefix)) continue;
    const from = before(prefix);
    taken.set(from, [...(taken.get(from) ?? []), prefix]);
  }
  return ({ prefix, state }) => {
    const own = contents.has(prefix) ? prefix : ruleFor(prefix ?? "");
    if (state !== "moving") return new Set([own, ...(taken.get(prefix) ?? [])]);
    // An earlier sync ended on the way: any rule below may be where its documents belong.
    const below = definedOf(contents.keys()).filter((one) => one.startsWith(prefix ?? ""));
    return new Set([own, ...below]);
  };
}

type Move = { readonly wanted: WantedRules; readonly leaving: readonly StoredAclRule[] };

/** Gives documents the class of the rule that covers them now. */
async function moveDocuments(
  { db, search }: { readonly db: Database; readonly search: Search },
  { indexId, dataSourceId, bucket, signal }: AccessToSettle,
  { wanted, leaving }: Move,
): Promise<void> {
  const stored = await aclRules.list(db.read, { dataSourceId, bucket });
  const classes = new Map(stored.map(({ prefix, aclClass }) => [prefix, aclClass]));
  const contents = new Map(
    stored.map(({ aclClass, canonical }) => [aclClass, parseAcl(canonical) ?? nobody]),
  );
  const left = new Set(leaving.map(({ aclClass }) => aclClass));
  for (let after = 0; after !== Infinity;) {
    signal.throwIfAborted();
    const page = { indexId, dataSourceId, after, limit: documentsPerStep };
    after = await db.write(async (trx) => {
      const documents = await aclRules.listDocuments(trx, page);
      const moved = new Moves();
      const guarded = new Moves();
      for (const { key, objectKey, aclClass, guardAclClass, isCurrent } of documents) {
        const to = classes.get(wanted.ruleFor(objectKey));
        if (to === undefined) throw new Error("A rule has no class.");
        if (!left.has(aclClass) || aclClass === to) continue;
        // What is published may have come from another key: then it stays with its rule as well.
        if (isCurrent) moved.add(to, key);
        const other = contents.get(isCurrent ? aclClass : to) ?? nobody;
        guarded.add(await guardOf(trx, guardAclClass, other), key);
      }
      for (const [aclClass, keys] of moved) {
        await aclRules.reclassify(trx, { keys, of: "document", aclClass });
        await search.reclassify(trx, indexId, { documentKeys: keys, aclClass });
      }
      for (const [aclClass, keys] of guarded) {
        await aclRules.reclassify(trx, { keys, of: "guard", aclClass });
      }
      return documents.length < page.limit ? Infinity : (documents.at(-1)?.key ?? Infinity);
    });
  }
}
