// Documents of which nothing has changed but who may read them: they get another ACL class, or had
// it already with their rule, and neither text nor postings are touched.
import { type PutItem, type ResolvedAccess, ruleOf } from "../../connectors/connectors.ts";
import { canonicalAcl } from "../../search/search.ts";
import {
  aclClasses,
  aclRules,
  documents,
  syncJobs,
  type WriteTransaction,
} from "../../store/store.ts";
import { aclContentOf } from "../access/list.ts";
import { classOfRule } from "../access/rules.ts";
import { scopeOf, type SyncRun } from "./run.ts";
import type { SyncServices } from "./services.ts";

/** The class of a document with that access: of the rule that covers it, or of its own list. */
export async function classOfAccess(
  trx: WriteTransaction,
  { job, settings }: Pick<SyncRun, "job" | "settings">,
  access: ResolvedAccess,
): Promise<number> {
  const { dataSourceId } = job;
  const rule = ruleOf(access);
  if (rule !== undefined) {
    return classOfRule(trx, { dataSourceId, bucket: settings.bucket }, rule.prefix);
  }
  const configuration = access.kind === "public" ? undefined : access.accessConfiguration;
  const content = aclContentOf(configuration, dataSourceId);
  return content === undefined ? 0 : aclClasses.intern(trx, canonicalAcl(content));
}

/** Whether the published version of a document stays, and only its readers change. */
export async function changesOnlyAccess(
  { db }: Pick<SyncServices, "db">,
  run: SyncRun,
  { action, changes, known, document, key }: PutItem,
): Promise<boolean> {
  const isOnlyAccess = action === "modify" && changes.length === 1 && changes[0] === "access";
  if (!isOnlyAccess || known?.outcome !== "indexed") return false;
  const { documentId } = document;
  const row = await documents.findById(db.read, { ...scopeOf(run), documentId });
  return row?.objectKey === key && row.publishedVersion === row.version;
}

/**
 * Gives documents the class of their access, and counts them as modified; gives those that are not
 * there any more.
 */
export async function changeAccess(
  { search, now }: Pick<SyncServices, "search" | "now">,
  run: SyncRun,
  trx: WriteTransaction,
  items: readonly PutItem[],
): Promise<ReadonlySet<PutItem>> {
  const { job, index } = run;
  const gone = new Set<PutItem>();
  const moved = new Map<number, number[]>();
  const touched: number[] = [];
  let modified = 0;
  for (const item of items) {
    const { documentId } = item.document;
    const row = await documents.findById(trx, { ...scopeOf(run), documentId });
    if (row === undefined) {
      gone.add(item);
      continue;
    }
    const aclClass = await classOfAccess(trx, run, item.access);
    if (row.aclClass !== aclClass) moved.set(aclClass, [...(moved.get(aclClass) ?? []), row.key]);
    // A document counts once per job, also when a crash made the job meet it twice.
    if (row.syncId !== job.id || row.syncAction !== "modified") modified += 1;
    touched.push(row.key);
  }
  for (const [aclClass, keys] of moved) {
    await aclRules.reclassify(trx, { keys, of: "document", aclClass });
    await search.reclassify(trx, index.id, { documentKeys: keys, aclClass });
  }
  const change = { syncId: job.id, syncAction: "modified", at: now() };
  await documents.noteAccessChange(trx, touched, change);
  await syncJobs.count(trx, job.id, { modified });
  return gone;
}
