/**
 * The service's API: what each operation does. One file per operation, named as on the wire; what
 * several of them share has a file named after it (`not-found.ts`, `paging.ts`, …).
 *
 * Not for: bytes (`wire`), signatures (`sigv4`), or whether the caller may (`identity`): all that
 * has been settled when an operation runs.
 */
import { type OperationName, operations as contract } from "../contract/contract.ts";
import { batchDeleteDocument } from "./batch-delete-document.ts";
import { batchPutDocument } from "./batch-put-document.ts";
import { chatSync } from "./chat-sync.ts";
import { chat } from "./chat.ts";
import { checkDocumentAccess } from "./check-document-access.ts";
import { createAnonymousWebExperienceUrl } from "./create-anonymous-web-experience-url.ts";
import { createApplication } from "./create-application.ts";
import { createDataSource } from "./create-data-source.ts";
import { createIndex } from "./create-index.ts";
import { createRetriever } from "./create-retriever.ts";
import { createUser } from "./create-user.ts";
import { createWebExperience } from "./create-web-experience.ts";
import { deleteApplication } from "./delete-application.ts";
import { deleteConversation } from "./delete-conversation.ts";
import { deleteDataSource } from "./delete-data-source.ts";
import { deleteGroup } from "./delete-group.ts";
import { deleteIndex } from "./delete-index.ts";
import { deleteRetriever } from "./delete-retriever.ts";
import { deleteUser } from "./delete-user.ts";
import { deleteWebExperience } from "./delete-web-experience.ts";
import { getApplication } from "./get-application.ts";
import { getChatControlsConfiguration } from "./get-chat-controls-configuration.ts";
import { getDataSource } from "./get-data-source.ts";
import { getDocumentContent } from "./get-document-content.ts";
import { getGroup } from "./get-group.ts";
import { getIndex } from "./get-index.ts";
import { getRetriever } from "./get-retriever.ts";
import { getUser } from "./get-user.ts";
import { getWebExperience } from "./get-web-experience.ts";
import { listApplications } from "./list-applications.ts";
import { listConversations } from "./list-conversations.ts";
import { listDataSourceSyncJobs } from "./list-data-source-sync-jobs.ts";
import { listDataSources } from "./list-data-sources.ts";
import { listDocuments } from "./list-documents.ts";
import { listGroups } from "./list-groups.ts";
import { listIndices } from "./list-indices.ts";
import { listMessages } from "./list-messages.ts";
import { listRetrievers } from "./list-retrievers.ts";
import { listTagsForResource } from "./list-tags-for-resource.ts";
import { listWebExperiences } from "./list-web-experiences.ts";
import { notBuilt } from "./not-built.ts";
import type { Operation } from "./operation.ts";
import { putFeedback } from "./put-feedback.ts";
import { putGroup } from "./put-group.ts";
import { searchRelevantContent } from "./search-relevant-content.ts";
import { startDataSourceSyncJob } from "./start-data-source-sync-job.ts";
import { stopDataSourceSyncJob } from "./stop-data-source-sync-job.ts";
import { tagResource } from "./tag-resource.ts";
import { untagResource } from "./untag-resource.ts";
import { updateApplication } from "./update-application.ts";
import { updateDataSource } from "./update-data-source.ts";
import { updateIndex } from "./update-index.ts";
import { updateRetriever } from "./update-retriever.ts";
import { updateUser } from "./update-user.ts";
import { updateWebExperience } from "./update-web-experience.ts";

export type { Call, Services } from "./call.ts";
export {
  type OpenDocumentLine,
  openReport,
  reportQuestions,
  type ReportRequest,
  routeReport,
} from "./reports.ts";
export { notBuilt } from "./not-built.ts";
export type { Operation } from "./operation.ts";
export {
  type QueryCall,
  queryCaller,
  queryDenied,
  queryOperations,
  queryQuestions,
  runQuery,
  unbuiltQueryActions,
  unsignedActions,
} from "./query-operations.ts";
export { CenterError } from "./sts/center-errors.ts";
export {
  createTokenWithIam,
  readTokenRequest,
  tokenQuestion,
} from "./sts/create-token-with-iam.ts";
export { decodeKms, type KmsCall, kmsQuestions, runKms } from "./kms/kms-operations.ts";

/** Operation name -> what it does, for all that are built. */
export const operations: { readonly [Name in OperationName]?: Operation<Name> } = {
  BatchDeleteDocument: batchDeleteDocument,
  BatchPutDocument: batchPutDocument,
  Chat: chat,
  ChatSync: chatSync,
  CheckDocumentAccess: checkDocumentAccess,
  CreateAnonymousWebExperienceUrl: createAnonymousWebExperienceUrl,
  CreateApplication: createApplication,
  CreateDataSource: createDataSource,
  CreateIndex: createIndex,
  CreateRetriever: createRetriever,
  CreateUser: createUser,
  CreateWebExperience: createWebExperience,
  DeleteApplication: deleteApplication,
  DeleteConversation: deleteConversation,
  DeleteDataSource: deleteDataSource,
  DeleteGroup: deleteGroup,
  DeleteIndex: deleteIndex,
  DeleteRetriever: deleteRetriever,
  DeleteUser: deleteUser,
  DeleteWebExperience: deleteWebExperience,
  GetApplication: getApplication,
  GetChatControlsConfiguration: getChatControlsConfiguration,
  GetDataSource: getDataSource,
  GetDocumentContent: getDocumentContent,
  GetGroup: getGroup,
  GetIndex: getIndex,
  GetRetriever: getRetriever,
  GetUser: getUser,
  GetWebExperience: getWebExperience,
  ListApplications: listApplications,
  ListConversations: listConversations,
  ListDataSourceSyncJobs: listDataSourceSyncJobs,
  ListDataSources: listDataSources,
  ListDocuments: listDocuments,
  ListGroups: listGroups,
  ListIndices: listIndices,
  ListMessages: listMessages,
  ListRetrievers: listRetrievers,
  ListTagsForResource: listTagsForResource,
  ListWebExperiences: listWebExperiences,
  PutFeedback: putFeedback,
  PutGroup: putGroup,
  SearchRelevantContent: searchRelevantContent,
  StartDataSourceSyncJob: startDataSourceSyncJob,
  StopDataSourceSyncJob: stopDataSourceSyncJob,
  TagResource: tagResource,
  UntagResource: untagResource,
  UpdateApplication: updateApplication,
  UpdateDataSource: updateDataSource,
  UpdateIndex: updateIndex,
  UpdateRetriever: updateRetriever,
  UpdateUser: updateUser,
  UpdateWebExperience: updateWebExperience,
};

/**
 * Checks that every operation of the contract is either built or named in `not-built.ts`, and
 * none both; called at start-up, so that no operation can be forgotten.
 *
 * @throws Error naming the operations that are wrong.
 */
export function checkOperations(): void {
  const names = Object.keys(contract) as OperationName[];
  const missing = names.filter((name) => operations[name] === undefined && !(name in notBuilt));
  const both = names.filter((name) => operations[name] !== undefined && name in notBuilt);
  const unknown = [...Object.keys(operations), ...Object.keys(notBuilt)].filter(
    (name) => !(name in contract),
  );
  const wrong = [...missing, ...both, ...unknown];
  if (wrong.length > 0) throw new Error(`Operations and contract differ in: ${wrong.join(", ")}.`);
}
