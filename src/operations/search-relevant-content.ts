import { createHash } from "node:crypto";
import { scoreConfidences } from "../chat/chat.ts";
import type { DocumentAttribute } from "../contract/contract.ts";
import { passagesMax } from "../search/search.ts";
import { decodePageToken, encodePageToken } from "../wire/wire.ts";
import type { ApplicationRecord } from "./application.ts";
import { invalid, requireActiveApplication, requireResource } from "./not-found.ts";
import type { Operation } from "./operation.ts";
import { activeIndex, checkedFilter, retrievePassages } from "./retrieval.ts";
import type { RetrieverRecord } from "./retriever.ts";
import { endUserOf } from "./viewer.ts";

const maxResultsDefault = 10;

/**
 * Retrieval without an answer, best passages first ("SearchRelevantContent", API reference). An
 * anonymous application's callers find what its visitors would: documents without access lists.
 */
export const searchRelevantContent: Operation<"SearchRelevantContent"> = async (input, call) => {
  const { applicationId, queryText, contentSource } = input;
  const application = await requireActiveApplication<ApplicationRecord>(call, applicationId);
  const { viewer } = await endUserOf(call, application, {});
  if (queryText.trim() === "") throw invalid("queryText", "Member must not be empty");
  const { retrieverId } = contentSource.retriever;
  const retriever = await requireResource<RetrieverRecord>(call, "retriever", retrieverId, {
    applicationId,
  });
  const indexId = retriever.record.configuration.nativeIndexConfiguration?.indexId;
  const index = indexId === undefined ? undefined : await activeIndex(call, indexId);
  const filter = checkedFilter(index, input.attributeFilter);
  if (index === undefined) return { relevantContent: [] };
  const queryHash = createHash("sha256").update(queryText).digest("base64url");
  const scope = `relevant-content/${retrieverId}/${queryHash}`;
  const begin = beginOf(input.nextToken, scope, call.pageTokenKey);
  const limit = input.maxResults ?? maxResultsDefault;
  const retrieved = await retrievePassages(call, index, {
    text: queryText,
    viewer,
    limit: passagesMax,
    filter,
  });
  const confidences = scoreConfidences(queryText, retrieved);
  const shown = retrieved.passages.slice(begin, begin + limit);
  const hasMore = retrieved.passages.length > begin + limit;
  return {
    relevantContent: shown.map((passage, position) => ({
      content: passage.text,
      documentId: passage.source.documentId,
      documentTitle: passage.source.title,
      documentUri: passage.source.url,
      documentAttributes: attributesIn(
        retrieved.documents.get(Number(passage.documentKey))?.attributes ?? "[]",
      ),
      scoreAttributes: { scoreConfidence: confidences[begin + position] ?? "NOT_AVAILABLE" },
    })),
    nextToken: hasMore
      ? encodePageToken({ scope, position: String(begin + limit) }, call.pageTokenKey)
      : undefined,
  };
};

function beginOf(token: string | undefined, scope: string, key: Uint8Array): number {
  if (token === undefined) return 0;
  const position = decodePageToken(token, key);
  if (position?.scope !== scope) {
    throw invalid(
      "nextToken",
      "Member must be a token that this operation returned for this query",
    );
  }
  return Number(position.position);
}

function attributesIn(json: string): readonly DocumentAttribute[] {
  return JSON.parse(json, (name, value) =>
    name === "dateValue" ? new Date(String(value)) : (value as unknown),
  ) as readonly DocumentAttribute[];
}
