import { type ContentVault, openVault } from "../../core/content-cipher.ts";
import { type AclContent, parseAcl } from "../../search/search.ts";
import { type Database, type ReportLine, syncReports, type SyncJob } from "../../store/store.ts";
import { purgeSnapshots } from "./snapshots.ts";
import type { Unchanged, UnchangedFiles, UnchangedObject } from "./file.ts";
import {
  accessMembers,
  crawlActionOf,
  type LineFacts,
  lineOf,
  metadataText,
  type SyncReportLine,
} from "./line.ts";
import { type OpenPart, partOpener } from "../sealed-document.ts";

/** Reports of syncs, one line for each document. */
export type Reports = {
  /**
   * Every document of a job so far: those that changed or failed by id, then the others.
   *
   * @throws ContentLockedError
   */
  readonly read: (job: SyncJob) => AsyncGenerator<SyncReportLine>;
  /** Where a sync notes what it leaves alone. */
  readonly unchanged: UnchangedFiles;
  /** Removes reports of jobs that are no longer among the newest of their data source. */
  readonly sweep: () => Promise<void>;
};

const pageLines = 500;
/** As many jobs as one page of the sync history shows. */
const jobsPerSource = 10;
const linesPerStep = 2000;

/** Opens the reports over the store and the files of unchanged objects. */
export function createReports(
  db: Database,
  unchanged: UnchangedFiles,
  vault: ContentVault = openVault,
): Reports {
  // Also what a sweep before the last start may have left.
  let hasOrphans = true;
  return {
    unchanged,
    async *read(job) {
      const changes = await syncReports.classChanges(db.read, job.sequence);
      const open = partOpener(await vault.cipherOf(job.applicationId), job);
      yield* changedLines({ db, job, changes, open });
      yield* unchangedLines({ db, job, changes, open }, unchanged);
    },
    sweep: async () => {
      const kept = await syncReports.keptJobs(db.read, jobsPerSource);
      await unchanged.keep(new Set(kept.map(({ id }) => id)));
      const sequences = new Set(kept.map(({ sequence }) => sequence));
      let removed = 0;
      for (let gone = linesPerStep; gone > 0; removed += gone) {
        gone = await db.write((trx) => syncReports.purge(trx, sequences, linesPerStep));
      }
      if (removed > 0) hasOrphans = true;
      if (hasOrphans) hasOrphans = !(await purgeSnapshots(db));
    },
  };
}

async function* changedLines({ db, job, changes, open }: Reading): AsyncGenerator<SyncReportLine> {
  for (let after = ""; ;) {
    const query = { jobSequence: job.sequence, after, limit: pageLines };
    const page = await syncReports.list(db.read, query);
    const ids = page.map(({ documentId }) => documentId);
    const { id: syncId, dataSourceId } = job;
    const attributes = await syncReports.attributesOf(db.read, { syncId, dataSourceId, ids });
    const lists = await listReader(db, page, changes);
    for (const line of page) {
      const stored = attributes.get(line.documentId);
      yield {
        ...lineOf(job, { ...openTexts(line, open), crawlAction: crawlActionOf(line) }),
        ...accessMembers(lists(line.aclBefore, "before"), lists(line.aclAfter, "after")),
        ...(stored === undefined
          ? {}
          : { Metadata: metadataText(open(line.documentId, "attributes", stored)) }),
        Timestamp: line.at.toISOString(),
      };
    }
    const last = page.at(-1);
    if (last === undefined || page.length < pageLines) return;
    after = last.documentId;
  }
}

type ClassChanges = Awaited<ReturnType<typeof syncReports.classChanges>>;

/** A list that cannot be read is passed by nobody. */
const nobody: AclContent = {
  dataSourceId: "",
  allow: { relation: "OR", conditions: [] },
  deny: [],
};

/**
 * Reads the lists of a page. One that the job gave other content counts with what it said before the
 * job and after it, whenever in between the document was noted.
 */
async function listReader(
  db: Database,
  page: readonly ReportLine[],
  changes: ClassChanges,
): Promise<
  (ids: readonly number[], when: "before" | "after") => readonly AclContent[] | undefined
> {
  const ids = page.flatMap(({ aclBefore, aclAfter }) => [...aclBefore, ...aclAfter]);
  const found = await syncReports.snapshots(db.read, [...new Set(ids)]);
  return (wanted, when) => {
    if (wanted.length === 0) return undefined;
    return wanted.map((id) => {
      const { aclClass = 0, canonical = "" } = found.get(id) ?? {};
      return parseAcl(changes.get(aclClass)?.[when] ?? canonical) ?? nobody;
    });
  };
}

type Reading = {
  readonly db: Database;
  readonly job: SyncJob;
  readonly changes: ClassChanges;
  readonly open: OpenPart;
};

type Texts = Pick<ReportLine, "documentId" | "title" | "errorMessage"> & { readonly uri?: string };

function openTexts<T extends Texts>(line: T, open: OpenPart): T {
  const { documentId, title, uri, errorMessage } = line;
  return {
    ...line,
    title: open(documentId, "title", title),
    errorMessage: open(documentId, "error", errorMessage),
    ...(uri !== undefined && { uri: open(documentId, "uri", uri) }),
  };
}

async function* unchangedLines(
  reading: Reading,
  files: UnchangedFiles,
): AsyncGenerator<SyncReportLine> {
  let page: UnchangedObject[] = [];
  for await (const object of files.read(reading.job.id)) {
    page.push(object);
    if (page.length < pageLines) continue;
    yield* linesOfPage(reading, page);
    page = [];
  }
  yield* linesOfPage(reading, page);
}

const skipReasons: Readonly<Record<"unsupported" | "empty" | "tooLarge", string>> = {
  unsupported: "The object is of no format that can be read.",
  empty: "The object is empty.",
  tooLarge: "The object is larger than the data source's maxFileSizeInMegaBytes.",
};

async function* linesOfPage(
  { db, job, changes, open }: Reading,
  page: readonly UnchangedObject[],
): AsyncGenerator<SyncReportLine> {
  const objectKeys = page.filter(({ reason }) => reason === "failedBefore").map(({ key }) => key);
  const { dataSourceId, indexId, sequence: jobSequence } = job;
  const failures = await syncReports.failuresByKey(db.read, { dataSourceId, objectKeys });
  const idOf = ({ key, documentId }: UnchangedObject): string =>
    documentId ?? failures.get(key)?.documentId ?? key;
  const ids = page.map(idOf);
  // What was done before a crash is found unchanged by the run after it; its line is there already.
  const noted = await syncReports.noted(db.read, { jobSequence, documentIds: ids });
  const shared =
    changes.size === 0
      ? new Map<string, never>()
      : await syncReports.classesOf(db.read, { indexId, dataSourceId, ids });
  for (const object of page) {
    const documentId = idOf(object);
    if (noted.has(documentId)) continue;
    const access = sharedAccess(changes, shared.get(documentId), (title) =>
      open(documentId, "title", title),
    );
    const failure = failures.get(object.key);
    const facts = factsOf(object.reason, failure && openTexts(failure, open));
    const line = lineOf(job, { uri: "", documentId, ...facts, ...access?.facts });
    yield { ...line, ...access?.members };
  }
}

/** What changed of a list that a document shares, while nothing of the document did. */
function sharedAccess(
  changes: ClassChanges,
  document: { readonly title: string; readonly aclClasses: readonly number[] } | undefined,
  openTitle: (title: string) => string,
): Shared | undefined {
  const changed = document?.aclClasses.map((id) => changes.get(id));
  if (document === undefined || changed?.every((change) => change === undefined)) return undefined;
  const lists = (when: "before" | "after"): readonly AclContent[] =>
    (changed ?? []).flatMap((change) =>
      change === undefined ? [] : [parseAcl(change[when]) ?? nobody],
    );
  const members = accessMembers(lists("before"), lists("after"));
  const title = openTitle(document.title);
  return members.AccessChange === "SAME"
    ? undefined
    : { facts: { title, crawlAction: "MODIFY", status: "UPDATED" }, members };
}

type Shared = {
  readonly facts: Pick<LineFacts, "title" | "crawlAction" | "status">;
  readonly members: Partial<SyncReportLine>;
};

function factsOf(
  reason: Unchanged,
  failure: Pick<ReportLine, "title" | "status" | "errorCode" | "errorMessage"> | undefined,
): Pick<
  Parameters<typeof lineOf>[1],
  "crawlAction" | "title" | "status" | "errorCode" | "errorMessage"
> {
  const none = { title: "", errorCode: "", errorMessage: "" };
  switch (reason) {
    case "unmodified":
      return { ...none, crawlAction: "UNMODIFIED", status: "UNMODIFIED" };
    case "failedBefore": {
      const said = failure?.errorMessage ?? "It failed before";
      const errorMessage = `${said.replace(/\.$/, "")}. It has not changed since and was not tried again.`;
      const { title = "", errorCode = "InvalidRequest", status = "FAILED" } = failure ?? {};
      return { crawlAction: "UNMODIFIED", title, errorCode, errorMessage, status };
    }
    case "clashBefore": {
      const errorMessage =
        "The document id of the object belongs to a key before it, as it did at the last sync.";
      const errorCode = "InvalidRequest";
      return { ...none, crawlAction: "UNMODIFIED", errorCode, errorMessage, status: "FAILED" };
    }
    default:
      return { ...none, crawlAction: "ADD", status: "SKIPPED", errorMessage: skipReasons[reason] };
  }
}
