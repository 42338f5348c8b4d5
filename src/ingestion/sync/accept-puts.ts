import { type PutItem, ruleOf } from "../../connectors/connectors.ts";
import type { WriteTransaction } from "../../store/store.ts";
import { acceptDocuments, type NewDocument, type Outcome, outcomeOf } from "../pipeline.ts";
import type { PendingDocument } from "../pipeline.ts";
import { classOfAccess } from "./access.ts";
import type { FetchResult } from "./fetch.ts";
import { scopeOf, type SyncRun } from "./run.ts";
import type { SyncServices } from "./services.ts";

/** A document of the plan that is accepted, and what came of its object. */
export type AcceptedPut = {
  readonly item: PutItem;
  readonly result: Exclude<FetchResult, { kind: "untouched" | "onlyAccess" }>;
};

/** Gives documents their rows and versions; what is to be published of each, in their order. */
export async function acceptPuts(
  services: Pick<SyncServices, "now">,
  run: SyncRun,
  trx: WriteTransaction,
  puts: readonly AcceptedPut[],
): Promise<readonly Outcome[]> {
  // Most documents of a batch follow one rule; nothing changes rules while the batch is accepted.
  const classes = new Map<string, number>();
  const documents: NewDocument[] = [];
  for (const { item } of puts) {
    const { access } = item;
    const rule = ruleNameOf(access);
    const aclClass =
      (rule === undefined ? undefined : classes.get(rule)) ??
      (await classOfAccess(trx, run, access));
    if (rule !== undefined) classes.set(rule, aclClass);
    documents.push(newDocument(services, run, item, aclClass));
  }
  const pending = await acceptDocuments(trx, documents, run.cipher);
  return pending.flatMap((document, at) => {
    const result = puts[at]?.result;
    return result === undefined ? [] : outcomeOfPut(document, result);
  });
}

/** What tells rules apart; undefined for a list of the document's own. */
function ruleNameOf(access: PutItem["access"]): string | undefined {
  const rule = ruleOf(access);
  return rule && JSON.stringify(rule.prefix ?? null);
}

function newDocument(
  { now }: Pick<SyncServices, "now">,
  run: SyncRun,
  { document, key }: PutItem,
  aclClass: number,
): NewDocument {
  return {
    ...scopeOf(run),
    documentId: document.documentId,
    title: document.title,
    contentType: document.contentType ?? "",
    attributes: document.attributes,
    // Its class has been found already.
    acl: undefined,
    aclClass,
    objectKey: key,
    status: "PROCESSING",
    at: now(),
  };
}

function outcomeOfPut(document: PendingDocument, result: AcceptedPut["result"]): Outcome {
  if (result.kind === "read") return outcomeOf(document, result.reading);
  if (result.kind === "refused") {
    const { message: errorMessage } = result;
    const status = "DOCUMENT_FAILED_TO_INDEX";
    return { document, errorCode: "InvalidRequest", errorMessage, status };
  }
  const { code, failure } = result;
  return {
    document,
    errorCode: failure.kind === "noSuchKey" ? "ResourceNotFound" : "InvalidRequest",
    errorMessage: `${code}: ${failure.message}`,
    status: "FAILED",
  };
}
