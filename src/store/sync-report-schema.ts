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
  /** Snapshots of the lists that decided before and after; 0: no question found the document. */
  acl_before: number;
  guard_before: number;
  acl_after: number;
  guard_after: number;
  /** A bit for each metric of the job that has counted the document. */
  counted: number;
  at: number;
};

/** What an ACL class said at some time. */
export type AclSnapshotTable = { id: number; acl_class: number; canonical: string };

/** A class that was given other content while a job ran; a trigger writes it. */
export type SyncReportClassTable = {
  job_sequence: number;
  acl_class: number;
  canonical_before: string;
  canonical_after: string;
};

/** The tables of reports. */
export type SyncReportTables = {
  sync_report: SyncReportTable;
  sync_report_class: SyncReportClassTable;
  acl_snapshot: AclSnapshotTable;
};
