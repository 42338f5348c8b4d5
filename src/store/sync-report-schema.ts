/** What a sync job did with a document; a trigger writes most of it. */
export type SyncReportTable = {
  job_sequence: number;
  document_id: string;
  object_key: string;
  /** `added`, `modified`, `deleted` or `failed`. */
  action: string;
  /** The document's status then. */
  status: string;
  error_code: string;
  error_message: string;
  title: string;
  uri: string;
  /** ACL classes that decided before and after; 0: the document answered no questions. */
  acl_before: number;
  guard_before: number;
  acl_after: number;
  guard_after: number;
  /** A bit for each metric of the job that has counted the document. */
  counted: number;
  at: number;
};
