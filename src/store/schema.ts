// The tables, as Kysely sees them. The migrations make them; keep the two together.
// Times are epoch milliseconds; JSON is text; booleans are 0 and 1.
import type { Generated } from "kysely";
import type { NetworkTables } from "./network-schema.ts";
import type { PrincipalTables } from "./principal-schema.ts";
import type { SyncReportTables } from "./sync-report-schema.ts";

/** Every table of the database. */
export type Schema = PrincipalTables &
  SyncReportTables &
  NetworkTables & {
    setting: SettingTable;
    resource: ResourceTable;
    tag: TagTable;
    idempotency: IdempotencyTable;
    acl_class: AclClassTable;
    acl_rule: AclRuleTable;
    document: DocumentTable;
    index_statistics: IndexStatisticsTable;
    connector_object: ConnectorObjectTable;
    sync_job: SyncJobTable;
    job: JobTable;
    conversation: ConversationTable;
    message: MessageTable;
    feedback: FeedbackTable;
    web_link: WebLinkTable;
    web_session: WebSessionTable;
    iam_entity: IamEntityTable;
    iam_inline_policy: IamInlinePolicyTable;
    iam_access_key: IamAccessKeyTable;
    iam_policy: IamPolicyTable;
    iam_policy_version: IamPolicyVersionTable;
    iam_attachment: IamAttachmentTable;
    iam_membership: IamMembershipTable;
    used_token: UsedTokenTable;
    kms_key: KmsKeyTable;
    kms_material: KmsMaterialTable;
    kms_alias: KmsAliasTable;
    kms_grant: KmsGrantTable;
    document_content: DocumentContentTable;
    content_garbage: ContentGarbageTable;
    content_key: ContentKeyTable;
  };

/** Which file holds the copy of a published version. */
export type DocumentContentTable = {
  document_key: number;
  version: number;
  file: string;
  mime_type: string;
  content_type: string;
  file_name: string;
  text_file: string;
};

/** Data keys of applications with a KMS key, wrapped by it. */
export type ContentKeyTable = {
  id: Generated<number>;
  application_id: string;
  material_version: number;
  wrapped: Uint8Array;
  created_at: number;
};

/** Files that no copy is in any more; triggers fill it. */
export type ContentGarbageTable = { file: string };

/** Tokens of identity providers that have been used, until they expire. */
export type UsedTokenTable = { id_hash: string; expires_at: number };

/** Small facts about the installation itself, by name. */
export type SettingTable = { name: string; value: string };

/** Applications and everything below them that is created, listed and deleted by name. */
export type ResourceTable = {
  /** Grows with creation: the order of listings. */
  sequence: Generated<number>;
  id: string;
  account_id: string;
  kind: string;
  application_id: string;
  /** The index of a data source, else empty. */
  index_id: string;
  arn: string;
  status: string;
  /** The members that the API reads back, as JSON. */
  record: string;
  created_at: number;
  updated_at: number;
};

export type TagTable = { resource_arn: string; name: string; value: string };

/** The first answer to a call with a client token, to be repeated word for word. */
export type IdempotencyTable = {
  scope: string;
  token: string;
  request_hash: string;
  response: string;
  created_at: number;
};

/** An access list in canonical form, shared by all documents that have it. Class 1 is "public". */
export type AclClassTable = {
  id: Generated<number>;
  hash: string;
  canonical: string;
  /** Grows over all classes with each one made or given other content. */
  revision: number;
};

/** Classes whose content follows a rule of a data source's ACL file. */
export type AclRuleTable = {
  data_source_id: string;
  bucket: string;
  /** `=` and a prefix; empty for the rule of all other keys. */
  rule: string;
  acl_class: number;
  state: string;
};

export type DocumentTable = {
  key: Generated<number>;
  application_id: string;
  index_id: string;
  /** Empty for documents that were put directly. */
  data_source_id: string;
  document_id: string;
  /** Grows with each accepted put; what is published later with a lower one is dropped. */
  version: number;
  /** The version that answers questions; 0 while none does. */
  published_version: number;
  status: string;
  error_code: string;
  error_message: string;
  title: string;
  uri: string;
  content_type: string;
  acl_class: number;
  /** The class of a newer version that failed: until a put succeeds, readers must pass both. 0: none. */
  guard_acl_class: number;
  /** `[{ name, value }]` as JSON. */
  attributes: string;
  text_bytes: number;
  /** The object's key in the bucket, empty for documents that were put directly. */
  object_key: string;
  /** The crawl found nothing more for it, and the safeguard or a crash kept it. */
  is_released: number;
  /** The sync job that touched the document last, and what it counted it as. */
  sync_id: string;
  sync_action: string;
  created_at: number;
  updated_at: number;
};

/** What a connector remembers of an object that became, or should have become, a document. */
export type ConnectorObjectTable = {
  data_source_id: string;
  object_key: string;
  document_id: string;
  wanted_id: string;
  reported_id: string;
  /** `indexed`, `failed`, `clash` or `unfinished`. */
  outcome: string;
  /** What is compared to see a change; JSON that only the connector reads. */
  fingerprint: string;
};

/** What an index holds, kept beside the documents so that reading it costs one row. */
export type IndexStatisticsTable = {
  index_id: string;
  document_count: number;
  text_bytes: number;
};

export type SyncJobTable = {
  id: string;
  sequence: Generated<number>;
  application_id: string;
  index_id: string;
  data_source_id: string;
  status: string;
  error_code: string;
  error_message: string;
  connector_error_code: string;
  is_stop_requested: number;
  scanned: number;
  added: number;
  modified: number;
  deleted: number;
  failed: number;
  /** Deletions that the safeguard held back. */
  protected: number;
  started_at: number;
  ended_at: number | null;
};

/** Work to be done at least once. A lease that has run out makes a job due again. */
export type JobTable = {
  id: Generated<number>;
  queue: string;
  /** Jobs with one key run one after the other, in order. */
  key: string;
  payload: string;
  attempts: number;
  due_at: number;
  leased_until: number;
  is_dead: number;
  last_error: string;
};

export type ConversationTable = {
  id: string;
  application_id: string;
  /** Who may go on with it: a web session, a caller, a user. */
  owner: string;
  title: string;
  started_at: number;
  last_at: number;
};

export type MessageTable = {
  sequence: Generated<number>;
  id: string;
  conversation_id: string;
  parent_id: string;
  type: string;
  body: string;
  /** Source attributions as JSON. */
  attributions: string;
  at: number;
};

export type FeedbackTable = {
  message_id: string;
  application_id: string;
  usefulness: string;
  reason: string;
  comment: string;
  submitted_at: number | null;
  copied_at: number | null;
  updated_at: number;
};

/** One-time URLs of anonymous web experiences; only a hash of the token is kept. */
export type WebLinkTable = {
  token_hash: string;
  application_id: string;
  web_experience_id: string;
  session_minutes: number;
  opens_until: number;
  used_at: number | null;
};

export type WebSessionTable = {
  id_hash: string;
  /** Names the session as owner of conversations; not a secret. */
  owner: string;
  application_id: string;
  web_experience_id: string;
  role_arn: string;
  expires_at: number;
};

/** IAM users, roles and groups. */
export type IamEntityTable = {
  id: string;
  account_id: string;
  kind: string;
  name: string;
  path: string;
  arn: string;
  /** The trust policy of a role, else empty. */
  trust_policy: string;
  /** The rest that the API reads back, as JSON. */
  record: string;
  created_at: number;
};

export type IamInlinePolicyTable = { entity_id: string; name: string; document: string };

export type IamAccessKeyTable = {
  id: string;
  entity_id: string;
  /** Sealed with the installation's key, which is not in the database. */
  sealed_secret: string;
  status: string;
  created_at: number;
};

/** Customer managed policies; the deciding document is that of `default_version`. */
export type IamPolicyTable = {
  id: string;
  account_id: string;
  name: string;
  path: string;
  arn: string;
  description: string | null;
  default_version: number;
  latest_version: number;
  created_at: number;
  updated_at: number;
};

export type IamPolicyVersionTable = {
  policy_id: string;
  version: number;
  document: string;
  created_at: number;
};

/** Managed policies in use, by ARN: as `permissions` or as `boundary` of a user, role or group. */
export type IamAttachmentTable = { entity_id: string; use: string; policy_arn: string };

export type IamMembershipTable = { group_id: string; user_id: string };

/** Keys of the KMS. `changes` grows with each change of state, policy or grants. */
export type KmsKeyTable = {
  id: string;
  account_id: string;
  arn: string;
  state: string;
  description: string;
  policy: string;
  /** Ids of the users and roles that the policy names, by ARN, as JSON. */
  policy_pins: string;
  material_version: number;
  rotation_days: number | null;
  rotation_next_at: number | null;
  deletion_at: number | null;
  deletion_days: number | null;
  changes: number;
  created_at: number;
};

/** What a key encrypts with; earlier versions still decrypt. */
export type KmsMaterialTable = {
  key_id: string;
  version: number;
  material_id: string;
  /** Sealed with the installation's key, which is not in the database. */
  sealed: string;
  cause: string;
  created_at: number;
};

export type KmsAliasTable = {
  account_id: string;
  name: string;
  key_id: string;
  created_at: number;
  updated_at: number;
};

export type KmsGrantTable = {
  id: string;
  key_id: string;
  name: string | null;
  grantee: string;
  /** Unique ids of the users or roles, where they are such. */
  grantee_id: string | null;
  retiring: string | null;
  retiring_id: string | null;
  issuing_account: string;
  operations: string;
  constraints: string;
  created_at: number;
};
