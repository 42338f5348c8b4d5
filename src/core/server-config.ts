import type { NetworkConfig } from "./network-config.ts";

/** Everything that can be set about a server, read once and handed down as values. */
export type ServerConfig = {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  readonly dataDir: string;
  /** 12 digits. */
  readonly accountId: string;
  readonly region: string;
  /** Overrides the key that is made at the first start. */
  readonly rootKey?: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Bucket name -> folder. */
  readonly buckets: Readonly<Record<string, string>>;
  /** Functions that enrich documents: ARN -> URL. */
  readonly hooks?: Readonly<Record<string, string>>;
  /** Egress zones and security groups; data sources may name them. */
  readonly network?: NetworkConfig;
  /** Any S3-compatible store; AWS where it is not set. */
  readonly s3Endpoint?: string;
  /**
   * Whose credentials read the S3 store: the server's own (`chain`, also where it is not set), or
   * a session of the role that a data source names, assumed with the server's own.
   */
  readonly s3Credentials?: "chain" | "assume-role";
  /** Where those roles are assumed; AWS where it is not set. */
  readonly stsEndpoint?: string;
  /** The external id with which they are assumed, where their trust policies ask for one. */
  readonly stsExternalId?: string;
  /** Without a slash at the end; `http://HOST:PORT` where it is not set. */
  readonly publicUrl?: string;
  /** PEM files; with them the port speaks TLS. */
  readonly tls?: { readonly certificateFile: string; readonly keyFile: string };
  /** OIDC issuers that are elsewhere than at `https://NAME`, or at home: provider name -> URL. */
  readonly oidcIssuers?: Readonly<Record<string, string>>;
  /** What a configured ACL file does not list: open to everyone, as published, or to nobody. */
  readonly s3AclDefault?: "allow" | "deny";
  /** OpenDocument files, which the service does not list: left alone, also where not set, or read. */
  readonly openDocumentFormats?: "skip" | "read";
  /** Quotas that differ from the published ones, by name. */
  readonly quotas?: Readonly<Record<string, number>>;
  readonly logLevel: "debug" | "info" | "warn" | "error";
};

/** A running server. */
export type RunningServer = {
  /** `http://127.0.0.1:8090`; where it listens, not the public URL. */
  readonly url: string;
  readonly publicUrl: string;
  readonly rootKey: { readonly accessKeyId: string; readonly secretAccessKey: string };
  /** Whether the root key was made by this start, and is to be shown once. */
  readonly isRootKeyNew: boolean;
  /** Finishes requests in flight, then stops. */
  readonly close: () => Promise<void>;
};
