import assert from "node:assert/strict";
import { compareKeys } from "../objects/objects.ts";
import { assess, type Assessed, type AssessRules } from "./assess.ts";
import { crawl, ListingFailed, type CrawlSource } from "./crawl.ts";
import type { IdLedger, KnownDocument } from "./known-documents.ts";
import type { Paired } from "./pairing.ts";
import { type FailItem, isLeft, isScanned, type PlanItem, type PutItem } from "./plan-items.ts";
import { isDeletionHeld } from "./safeguard.ts";
import type { S3Settings } from "./settings.ts";
import { cursorOf, limited } from "./streams.ts";

/** What a sync is planned from. */
export type SyncInput = {
  readonly settings: S3Settings;
  readonly rules: Omit<AssessRules, "isForced" | "bucket" | "fieldMappings">;
  readonly source: CrawlSource;
  /**
   * What is remembered, in batches of any size, ascending by key in UTF-8 byte order: one row for
   * each key and none for ids that the ledger holds as released.
   */
  readonly known: AsyncIterable<readonly KnownDocument[]>;
  readonly ledger: IdLedger;
  /** Metadata files read at the same time. */
  readonly readsMax?: number;
};

const readsMaxDefault = 16;
/** Objects judged ahead: each may hold the metadata that was read for it. */
const assessedMax = 64;
const joinedMax = 1000;

/**
 * Compares a bucket with what is remembered of it and yields what has to be done, in key order,
 * deletions last. Memory does not grow with the number of objects. A sync that is planned again,
 * after its items were carried out and with nothing changed, yields only `unmodified` and `skip`.
 *
 * Deletions come after the crawl because only then it is known whether another key has taken an
 * id and whether the safeguard allows them. The last item is `end`, or `listingFailed`.
 */
export async function* planSync(input: SyncInput): AsyncGenerator<PlanItem> {
  const { settings, source, ledger } = input;
  const rules: AssessRules = {
    ...input.rules,
    bucket: settings.bucket,
    fieldMappings: settings.fieldMappings,
    isForced: settings.syncMode === "FORCED_FULL_CRAWL",
  };
  const planner: Planner = { rules, source, ledger, evicted: new Set() };
  const readMetadata = limited(input.readsMax ?? readsMaxDefault, source.readMetadata);
  let scanned = 0;
  try {
    for await (const batch of joinKnown(crawl(source, settings), input.known)) {
      for (let from = 0; from < batch.length; from += assessedMax) {
        const pairs = batch.slice(from, from + assessedMax);
        const results = pairs.map((pair) => begin(pair, rules, { readMetadata }));
        for (const [at, result] of results.entries()) {
          const assessed = result instanceof Promise ? await result : result;
          // By far the most frequent case, and the one that asks nobody.
          const isPlain = assessed?.action === "unmodified" && planner.evicted.size === 0;
          const item = isPlain ? assessed : await decide(planner, pairs[at]?.known, assessed);
          if (item === undefined) continue;
          if (isScanned(item)) scanned += 1;
          yield item;
        }
      }
    }
  } catch (error) {
    if (!(error instanceof ListingFailed)) throw error;
    return yield { action: "listingFailed", failure: error.failure };
  }
  yield { action: "crawled" };
  const toDelete = await ledger.countReleased();
  const isHeld = isDeletionHeld({ scanned, toDelete }, settings.deletionProtection);
  if (!isHeld) {
    for await (const { documentId, key } of ledger.released()) {
      yield { action: "delete", key, documentId };
    }
  }
  yield { action: "end", scanned, toDelete, isDeletionHeld: isHeld };
}

/**
 * Was an object only touched? True for an item whose content, once fetched, is what is indexed
 * already; then nothing but the fingerprint has to be remembered.
 */
export function isUntouched(item: PutItem, contentHash: string): boolean {
  const { known, changes, action } = item;
  const isOnlyContent = changes.every((change) => change === "content");
  const isSame = known?.outcome === "indexed" && known.fingerprint.contentHash === contentHash;
  // Only what is in the index is modified; what was moved there has another change, too.
  return action === "modify" && isOnlyContent && isSame;
}

type Joined = { readonly paired?: Paired; readonly known?: KnownDocument };

/** Starts the judgement of an object; whoever leaves early waits for none of them. */
function begin(
  { paired, known }: Joined,
  rules: AssessRules,
  source: Pick<CrawlSource, "readMetadata">,
): Assessed | Promise<Assessed> | undefined {
  const result = paired && assess(paired, known, rules, source);
  if (result instanceof Promise) result.catch(() => undefined);
  return result;
}

/** Puts listed objects and remembered documents of the same key together. */
async function* joinKnown(
  objects: AsyncIterable<readonly Paired[]>,
  known: AsyncIterable<readonly KnownDocument[]>,
): AsyncGenerator<readonly Joined[]> {
  const rows = cursorOf(known);
  try {
    for await (const batch of objects) {
      let joined: Joined[] = [];
      for (const paired of batch) {
        for (;;) {
          if (rows.isEmpty()) await rows.fill();
          const row = rows.head();
          const order = row === undefined ? 1 : compareKeys(row.key, paired.object.key);
          if (order <= 0) rows.skip();
          joined.push(
            row === undefined || order > 0
              ? { paired }
              : order < 0
                ? { known: row }
                : { paired, known: row },
          );
          if (order >= 0) break;
          if (joined.length < joinedMax) continue;
          yield joined;
          joined = [];
        }
      }
      yield joined;
    }
    for (;;) {
      if (rows.isEmpty()) await rows.fill();
      const row = rows.head();
      if (row === undefined) return;
      yield [{ known: row }];
      rows.skip();
    }
  } finally {
    await rows.end();
  }
}

type Planner = {
  readonly rules: AssessRules;
  readonly source: CrawlSource;
  readonly ledger: IdLedger;
  /** Keys still to come whose id an earlier key has taken. Grows with clashes only. */
  readonly evicted: Set<string>;
};

async function decide(
  planner: Planner,
  remembered: KnownDocument | undefined,
  assessed: Assessed | undefined,
): Promise<PlanItem | undefined> {
  if (assessed === undefined || (assessed.action === "skip" && !isLeft(assessed.reason))) {
    await release(planner.ledger, remembered);
    return assessed;
  }
  const isEvicted = remembered !== undefined && planner.evicted.delete(remembered.key);
  const known = isEvicted ? withoutId(remembered) : remembered;
  if (assessed.action === "clashBefore") {
    return await settleClash(planner, assessed.paired, known ?? assessed.known, { isEvicted });
  }
  const own = known === undefined ? {} : { known };
  if (assessed.action === "add" || assessed.action === "modify") {
    return await claim(planner, { ...assessed, ...own });
  }
  if (!isEvicted || known === undefined) return assessed;
  if (assessed.action !== "fail") return clash({ ...known, wantedId: known.wantedId ?? "", known });
  const { documentId: _lost, ...failure } = assessed;
  return { ...failure, ...own };
}

/** What is remembered of a document whose id an earlier key has just taken. */
function withoutId({ documentId, ...known }: KnownDocument): KnownDocument {
  const wantedId = known.wantedId ?? documentId;
  return wantedId === undefined ? known : { ...known, wantedId };
}

/** The first key in byte order gets the id; later ones fail. */
async function claim(planner: Planner, item: PutItem): Promise<PutItem | FailItem> {
  const { ledger, evicted } = planner;
  const { key, known, fingerprint, access } = item;
  const { documentId } = item.document;
  const holder = await ledger.holderOf(documentId);
  const isOther = holder !== undefined && holder.key !== key && !holder.isReleased;
  if (isOther && compareKeys(holder.key, key) < 0) {
    return clash({ key, wantedId: documentId, fingerprint, known, access });
  }
  if (isOther) {
    evicted.add(holder.key);
    await ledger.evict(holder.key);
  }
  await ledger.take({ documentId, key });
  if (known?.documentId !== documentId) await release(ledger, known);
  if (holder?.isIndexed !== true) return { ...item, action: "add", changes: [] };
  const isMoved = holder.key !== key || known === undefined;
  const changes = isMoved ? [...item.changes, "moved" as const] : item.changes;
  return { ...item, action: "modify", changes };
}

async function release(ledger: IdLedger, known: KnownDocument | undefined): Promise<void> {
  if (known?.documentId === undefined) return;
  await ledger.release({ documentId: known.documentId, key: known.key });
}

async function settleClash(
  planner: Planner,
  paired: Paired,
  known: KnownDocument,
  { isEvicted }: { readonly isEvicted: boolean },
): Promise<PlanItem> {
  const { ledger, rules, source } = planner;
  const { key, fingerprint, wantedId = "" } = known;
  const holder = await ledger.holderOf(wantedId);
  const isHeld = holder !== undefined && holder.key !== key && !holder.isReleased;
  if (isHeld && compareKeys(holder.key, key) < 0) {
    // As any other failure it counts once, and again only when something of it has changed.
    if (!isEvicted) return { action: "skip", key, reason: "clashBefore" };
    return clash({ key, wantedId, fingerprint, known });
  }
  const again = await assess(paired, { ...known, outcome: "unfinished" }, rules, source);
  if (again.action === "add" || again.action === "modify") return await claim(planner, again);
  assert(again.action !== "clashBefore", "an unfinished document was judged as a clash");
  return again;
}

function clash(about: {
  readonly key: string;
  readonly wantedId: string;
  readonly fingerprint: KnownDocument["fingerprint"];
  readonly known: KnownDocument | undefined;
  readonly access?: FailItem["access"];
}): FailItem {
  const { key, wantedId, fingerprint, known, access } = about;
  return {
    action: "fail",
    key,
    reportedId: wantedId,
    wantedId,
    ...(known?.documentId === undefined ? {} : { documentId: known.documentId }),
    ...(access === undefined ? {} : { access }),
    code: "InvalidRequest",
    message: `Document id "${wantedId}" of key "${key}" belongs to a key before it.`,
    outcome: "clash",
    fingerprint,
    ...(known === undefined ? {} : { known }),
  };
}
