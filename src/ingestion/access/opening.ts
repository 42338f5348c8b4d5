import { canonicalAcl, parseAcl } from "../../search/search.ts";
import {
  aclClasses,
  aclRules,
  type Database,
  type StoredAclRule,
  type WriteTransaction,
} from "../../store/store.ts";
import {
  type AccessToSettle,
  documentsPerStep,
  guardOf,
  Moves,
  nobody,
  wantedRules,
} from "./rules.ts";

/**
 * After a whole crawl: lets rules admit whom they are to admit, and documents go that were guarded
 * on their way to another rule. A document that is not what the bucket holds (its new version
 * failed, or the safeguard keeps it) stays guarded by what its rule said until now.
 */
export async function openAccess(
  { db }: { readonly db: Database },
  about: AccessToSettle,
): Promise<void> {
  const rules = await aclRules.list(db.read, about);
  const unsettled = rules.filter(({ state }) => state !== "settled");
  if (unsettled.length === 0) return;
  const held = await guardDocuments(db, about, unsettled);
  const { contents } = wantedRules(about);
  await db.write(async (trx) => {
    for (const { prefix, aclClass } of unsettled) {
      const content = contents.get(prefix);
      if (content !== undefined) {
        await aclClasses.replace(trx, { id: aclClass, canonical: canonicalAcl(content) });
        await aclRules.setState(trx, about, { prefix, state: "settled" });
      } else if (!held.has(aclClass)) await aclRules.remove(trx, about, prefix);
    }
  });
}

/** Guards documents that must not be opened, frees the others; returns the classes in use. */
async function guardDocuments(
  db: Database,
  { indexId, dataSourceId, signal }: AccessToSettle,
  unsettled: readonly StoredAclRule[],
): Promise<ReadonlySet<number>> {
  const closed = new Map(
    unsettled.map(({ aclClass, canonical }) => [aclClass, parseAcl(canonical) ?? nobody]),
  );
  const held = new Set<number>();
  for (let after = 0; after !== Infinity;) {
    signal.throwIfAborted();
    const page = { indexId, dataSourceId, after, limit: documentsPerStep };
    after = await db.write(async (trx) => {
      const documents = await aclRules.listDocuments(trx, page);
      const guarded = new Moves();
      for (const { key, aclClass, guardAclClass, isCurrent } of documents) {
        held.add(aclClass);
        const before = closed.get(aclClass);
        if (isCurrent && guardAclClass !== 0) guarded.add(0, key);
        else if (!isCurrent && before !== undefined) {
          const guard = await guardOf(trx, guardAclClass, before);
          if (guard !== guardAclClass) guarded.add(guard, key);
        }
      }
      await setGuards(trx, guarded);
      return documents.length < page.limit ? Infinity : (documents.at(-1)?.key ?? Infinity);
    });
  }
  return held;
}

async function setGuards(trx: WriteTransaction, guarded: Moves): Promise<void> {
  for (const [aclClass, keys] of guarded) {
    await aclRules.reclassify(trx, { keys, of: "guard", aclClass });
  }
}
