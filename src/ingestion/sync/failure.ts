/** Ends a job for a reason that lies in the source: role, bucket, ACL file, listing. */
export class SourceFailure extends Error {
  /** The connector's own code, such as `S3-5101`; empty where it has none. */
  readonly connectorCode: string;

  constructor(connectorCode: string, message: string) {
    super(message);
    this.name = "SourceFailure";
    this.connectorCode = connectorCode;
  }
}

/** Ends a job that was asked to stop, or whose data source is being deleted. */
export class SyncStopped extends Error {
  constructor() {
    super("The sync was stopped.");
    this.name = "SyncStopped";
  }
}
