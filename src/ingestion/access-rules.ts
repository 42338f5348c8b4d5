// Who may read the documents of a data source over a bucket, as the ACL file has it. A document
// without a list of its own has the class of the rule that covers its key, so that a changed rule
// is one changed class, for however many documents.
import { type AccessRules, accessOfRules, longestPrefix } from "../connectors/connectors.ts";
import {
  type AclContent,
  canonicalAcl,
  intersectAcls,
  parseAcl,
  type Search,
} from "../search/search.ts";
import {
  aclClasses,
  aclRules,
  type AclRuleScope,
  type Database,
  type StoredAclRule,
  type WriteTransaction,
} from "../store/store.ts";
import { aclContentOf } from "./access-list.ts";

/** What the rules of a sync are put in force for. */
export type AccessToSettle = AclRuleScope & {
  readonly indexId: string;
  readonly rules: AccessRules;
  readonly signal: AbortSignal;
};

type Prefix = string | undefined;

/** What is wanted: each rule with what it says, and which rule covers a key. */
type Wanted = {
  readonly contents: ReadonlyMap<Prefix, AclContent>;
  readonly ruleFor: (key: string) => Prefix;
};

const documentsPerStep = 2_000;

/**
 * Puts the rules in force, before anything is crawled: in one transaction all rules that say
 * something else now. Where rules come or go, documents have to follow others, and the order is:
 * close (a rule that documents may leave admits only whom all admit that they may come to), move,
 * open. A crash in between leaves it closed, and the next sync goes on. Whoever reads a document
 * meanwhile was admitted before or is admitted now.
 */
export async function settleAccess(
  { db, search }: { readonly db: Database; readonly search: Search },
  about: AccessToSettle,
): Promise<void> {
  const wanted = wantedOf(about);
  const unsettled = await db.write((trx) => closeRules(trx, about, wanted));
  if (unsettled.length === 0) return;
  const stranded = await moveDocuments({ db, search }, about, { wanted, unsettled });
  await db.write((trx) => openRules(trx, about, { wanted, unsettled, stranded }));
}

function wantedOf({ dataSourceId, rules }: AccessToSettle): Wanted {
  const contents = new Map<Prefix, AclContent>();
  for (const [prefix, access] of accessOfRules(rules)) {
    const configuration = access.kind === "public" ? undefined : access.accessConfiguration;
    contents.set(prefix, aclContentOf(configuration, dataSourceId) ?? nobody);
  }
  return { contents, ruleFor: longestPrefix(definedOf(contents.keys())) };
}

const nobody: AclContent = {
  dataSourceId: "",
  allow: { relation: "OR", conditions: [] },
  deny: [],
};

function definedOf(prefixes: Iterable<Prefix>): readonly string[] {
  return [...prefixes].filter((prefix) => prefix !== undefined);
}

/** Gives all rules what may be said at once; returns those that documents may have to leave. */
async function closeRules(
  trx: WriteTransaction,
  scope: AclRuleScope,
  wanted: Wanted,
): Promise<readonly StoredAclRule[]> {
  const stored = await aclRules.list(trx, scope);
  const known = new Set(stored.map(({ prefix }) => prefix));
  const fresh = [...wanted.contents].filter(([prefix]) => !known.has(prefix));
  await aclRules.add(
    trx,
    scope,
    fresh.map(([prefix, content]) => ({ prefix, canonical: canonicalAcl(content) })),
  );
  const comingTo = destinationsOf(
    stored,
    fresh.map(([prefix]) => prefix),
    wanted,
  );
  const unsettled: StoredAclRule[] = [];
  for (const rule of stored) {
    const destinations = comingTo(rule);
    const contents = [...destinations].map((prefix) => wanted.contents.get(prefix) ?? nobody);
    const isStaying = destinations.size === 1 && destinations.has(rule.prefix);
    const said = isStaying ? contents : [parseAcl(rule.canonical) ?? nobody, ...contents];
    const canonical = canonicalAcl(intersectAcls(said));
    // The text of an intersection of one is that of the list itself.
    const text = isStaying ? canonicalAcl(contents[0] ?? nobody) : canonical;
    if (text !== rule.canonical) {
      await aclClasses.replace(trx, { id: rule.aclClass, canonical: text });
    }
    if (isStaying) continue;
    unsettled.push(rule);
    await aclRules.settle(trx, scope, { ...rule, isSettled: false });
  }
  return unsettled;
}

/** Which rules the documents of a rule may follow now. */
function destinationsOf(
  stored: readonly StoredAclRule[],
  fresh: readonly Prefix[],
  { contents, ruleFor }: Wanted,
): (rule: StoredAclRule) => ReadonlySet<Prefix> {
  const before = longestPrefix(definedOf(stored.map(({ prefix }) => prefix)));
  // Documents below a new rule followed the rule above it.
  const taken = new Map<Prefix, Prefix[]>();
  for (const prefix of definedOf(fresh)) {
    const from = before(prefix);
    taken.set(from, [...(taken.get(from) ?? []), prefix]);
  }
  return ({ prefix, isSettled }) => {
    const own = contents.has(prefix) ? prefix : ruleFor(prefix ?? "");
    if (isSettled) return new Set([own, ...(taken.get(prefix) ?? [])]);
    // An earlier attempt ended on the way: any rule below may be where its documents belong.
    const below = [...contents.keys()].filter((one) => one?.startsWith(prefix ?? "") === true);
    return new Set([own, ...below]);
  };
}

type Moves = { readonly wanted: Wanted; readonly unsettled: readonly StoredAclRule[] };

/** Gives documents the class of the rule that covers them now; returns rules that keep some. */
async function moveDocuments(
  { db, search }: { readonly db: Database; readonly search: Search },
  { indexId, dataSourceId, bucket, signal }: AccessToSettle,
  { wanted, unsettled }: Moves,
): Promise<ReadonlySet<number>> {
  const scope = { dataSourceId, bucket };
  const now = await aclRules.list(db.read, scope);
  const classes = new Map(now.map(({ prefix, aclClass }) => [prefix, aclClass]));
  const leaving = new Set(unsettled.map(({ aclClass }) => aclClass));
  const own = new Set(now.map(({ aclClass }) => aclClass));
  const stranded = new Set<number>();
  for (let after = 0; ;) {
    signal.throwIfAborted();
    const page = { indexId, dataSourceId, after, limit: documentsPerStep };
    after = await db.write(async (trx) => {
      const documents = await aclRules.listDocuments(trx, page);
      const moved = new Map<number, number[]>();
      const guarded = new Map<number, number[]>();
      for (const { key, objectKey, aclClass, guardAclClass, isCurrent } of documents) {
        const to = classes.get(wanted.ruleFor(objectKey));
        if (to === undefined) throw new Error("A rule has no class.");
        if (leaving.has(aclClass) && aclClass !== to) {
          // What is published may have come from another key: its readers must pass both rules.
          if (isCurrent) addTo(moved, to, key);
          else {
            stranded.add(aclClass);
            if (guardAclClass === 0) addTo(guarded, to, key);
          }
        }
        const isGuardLeaving = leaving.has(guardAclClass) && own.has(guardAclClass);
        if (isGuardLeaving && guardAclClass !== to) addTo(guarded, to, key);
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
    if (after === Infinity) return stranded;
  }
}

function addTo(lists: Map<number, number[]>, key: number, value: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [value]);
  else list.push(value);
}

/** Now that every document follows its own rule, rules say what they are to say. */
async function openRules(
  trx: WriteTransaction,
  scope: AclRuleScope,
  { wanted, unsettled, stranded }: Moves & { readonly stranded: ReadonlySet<number> },
): Promise<void> {
  for (const { prefix, aclClass } of unsettled) {
    const content = wanted.contents.get(prefix);
    if (content !== undefined) {
      await aclClasses.replace(trx, { id: aclClass, canonical: canonicalAcl(content) });
      await aclRules.settle(trx, scope, { prefix, isSettled: true });
    } else if (!stranded.has(aclClass)) await aclRules.remove(trx, scope, prefix);
  }
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
