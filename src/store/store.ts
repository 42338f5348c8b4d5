/**
 * State: everything that must survive. One SQLite file behind an asynchronous port; SQL lives here
 * and nowhere else. Each aggregate is a file of functions that take a `Readable` or a running
 * `WriteTransaction`, so that one transaction can span several of them.
 *
 * Not for: deciding anything. What may be stored, shown or removed is decided by the callers.
 */
export * as aclChanges from "./acl-changes.ts";
export * as aclClasses from "./acl-classes.ts";
export * as aclRules from "./acl-rules.ts";
export * as aclSnapshots from "./acl-snapshots.ts";
export * as chunks from "./chunks.ts";
export * as contentKeys from "./content-keys.ts";
export * as connectorObjects from "./connector-objects.ts";
export type { AclClass } from "./acl-classes.ts";
export type { AclRuleScope, StoredAclRule } from "./acl-rules.ts";
export * as conversations from "./conversations.ts";
export { type Database, openDatabase, openReader, type Readable } from "./database.ts";
export type { WriteTransaction } from "./database.ts";
export { lockDataDir } from "./data-dir-lock.ts";
export * as documentContent from "./document-content.ts";
export * as documentClaims from "./document-claims.ts";
export * as documents from "./documents.ts";
export * as feedback from "./feedback.ts";
export { giveAway } from "./given-blobs.ts";
export * as iamGroups from "./iam-groups.ts";
export * as iamPolicies from "./iam-policies.ts";
export * as iamProviders from "./iam-oidc-providers.ts";
export * as iamStore from "./iam.ts";
export * as idempotency from "./idempotency.ts";
export * as jobs from "./jobs.ts";
export * as kmsGrants from "./kms-grants.ts";
export * as kmsStore from "./kms.ts";
export * as networkAttachments from "./network-attachments.ts";
export * as principalGroups from "./principal-groups.ts";
export * as principals from "./principals.ts";
export * as principalPeople from "./principal-people.ts";
export * as openDocuments from "./open-documents.ts";
export * as resources from "./resources.ts";
export * as segments from "./segments.ts";
export * as settings from "./settings.ts";
export * as syncJobs from "./sync-jobs.ts";
export * as syncReports from "./sync-reports.ts";
export * as tags from "./tags.ts";
export * as usedTokens from "./used-tokens.ts";
export * as webSessions from "./web-sessions.ts";
export type { ConnectorObject } from "./connector-objects.ts";
export type { Conversation, Message } from "./conversations.ts";
export type { DocumentContent } from "./document-content.ts";
export type { Document, DocumentScope } from "./documents.ts";
export type { AccessKey, IamEntity, IamEntityRecord, InlinePolicy } from "./iam.ts";
export type { IamOidcProvider } from "./iam-oidc-providers.ts";
export type { ManagedPolicy, PolicyUse, PolicyVersion } from "./iam-policies.ts";
export type { Job } from "./jobs.ts";
export type { KmsAlias, KmsKey, KmsKeyChange, KmsMaterial, NewKmsKey } from "./kms.ts";
export type { KmsGrant } from "./kms-grants.ts";
export type { AccessVersions, AliasScope, PrincipalUser, UserAlias } from "./principals.ts";
export type { NetworkAttachment } from "./network-attachments.ts";
export type {
  GroupEvent,
  GroupScope,
  MemberPiece,
  PrincipalGroup,
  Scope,
  ScopedName,
} from "./principal-groups.ts";
export type { NewResource, Resource, ResourceKind } from "./resources.ts";
export type { SyncCounters, SyncJob, SyncJobStatus } from "./sync-jobs.ts";
export type { ReportLine } from "./sync-reports.ts";
export type { Tag } from "./tags.ts";
export type { WebLink, WebSession } from "./web-sessions.ts";
